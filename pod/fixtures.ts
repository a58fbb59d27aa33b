/** Builders for the tables beside the decisions: a Pod as its workflow sees it, and what is known of its containers. */
import { type ContainerRecord, type Exit, newRecord } from './record.ts';
import type { PodFacts } from './status.ts';
import type { ContainerKind, ContainerView, PodView } from './view.ts';

export const NOW = '2026-01-02T03:04:05Z';
export const BEFORE = '2026-01-02T03:00:00Z';
export const STARTED = '2026-01-02T03:01:00Z';
export const ENDED = '2026-01-02T03:02:00Z';

export function container(
  name: string,
  kind: ContainerKind = 'main',
  more: Partial<ContainerView> = {},
): ContainerView {
  return {
    name,
    kind,
    image: 'image:v1',
    pullPolicy: 'IfNotPresent',
    restartRules: [],
    postStart: false,
    preStop: false,
    probes: { startup: false, liveness: false, readiness: false },
    ...more,
  };
}

/** A Pod of one main container `main`. */
export function podView(more: Partial<PodView> = {}): PodView {
  return {
    namespace: 'default',
    name: 'web',
    uid: 'u',
    resourceVersion: '1',
    nodeName: 'box',
    restartPolicy: 'Always',
    graceSeconds: 30,
    containers: [container('main')],
    readinessGates: [],
    initImageChange: 'RestartPod',
    ...more,
  };
}

/** A record of a container that waits for its first start. */
export function waits(name: string, more: Partial<ContainerRecord> = {}): ContainerRecord {
  return { ...newRecord(container(name)), ...more };
}

/** Of one that runs and is ready. */
export function runs(name: string, more: Partial<ContainerRecord> = {}): ContainerRecord {
  return waits(name, {
    phase: 'running',
    id: `cri://${name}`,
    startedAt: STARTED,
    started: true,
    ready: true,
    ...more,
  });
}

/** Of one that ended. */
export function ended(name: string, exitCode: number, more: Partial<ContainerRecord> = {}): ContainerRecord {
  return waits(name, { phase: 'exited', id: `cri://${name}`, exit: exitOf(exitCode), ...more });
}

export function exitOf(exitCode: number, more: Partial<Exit> = {}): Exit {
  return { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt: STARTED, finishedAt: ENDED, ...more };
}

/** Finds a record among some. */
export function among(records: ContainerRecord[]) {
  return (name: string) => records.find((r) => r.name === name);
}

/** A Pod on a node, with a sandbox, at rest. */
export function podFacts(more: Partial<PodFacts> = {}): PodFacts {
  return {
    startTime: BEFORE,
    hostIP: '192.0.2.1',
    hostIPs: ['192.0.2.1'],
    podIPs: ['10.0.0.2'],
    scheduled: true,
    sandboxReady: true,
    terminating: false,
    stopped: false,
    shownPhase: 'Running',
    resize: {},
    ...more,
  };
}
