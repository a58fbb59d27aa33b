/** The prober as the node's activities see it: Pods in; out come signals to their workflows, and events. */
import type { PodEvent, ProbeChanged } from '../pod/contract.ts';
import { expandStatic } from '../pod/expand.ts';
import type { Container, Pod, PodRef, Probe } from '../pod/types.ts';
import type { Runtime } from '../runtime/port.ts';
import type { NodeEvent } from './event-recorder.ts';
import { bounded } from './handlers/text.ts';
import { Prober } from './probe/prober.ts';
import type { ProbeKind } from './probe/thresholds.ts';

/** Periods below a second, by annotation: `probe.durapod.io/<container>.<kind>-period: 200ms`. Beyond upstream. */
const PERIOD_ANNOTATION = 'probe.durapod.io/';

/** What of a failed probe's message a workflow keeps. */
const MAX_MESSAGE_BYTES = 1024;

export interface ContainerProberOptions {
  runtime: Runtime;
  hostIP?: string;
  idScheme: string;
  /** Must not reject: it repeats until the workflow has it. */
  report(pod: PodRef, change: ProbeChanged): Promise<void>;
  /** Must not throw. */
  record(pod: PodRef, event: NodeEvent): void;
}

type List = NonNullable<PodEvent['container']>['list'];

export class ContainerProber {
  readonly #prober: Prober;
  /** By container id: its Pod's uid, and where the Pod's spec has it. */
  readonly #watched = new Map<string, { uid: string; list: List }>();

  constructor({ runtime, hostIP, idScheme, report, record }: ContainerProberOptions) {
    this.#prober = new Prober({
      runtime,
      hostIP,
      onTransition: ({ pod, container, containerId, kind, result, message }) =>
        void report(pod, {
          container,
          id: idScheme + containerId,
          kind,
          ok: result,
          // What a server answers that is well may be secret, and this is kept.
          message: result ? '' : bounded(message, MAX_MESSAGE_BYTES),
        }),
      onFailure: ({ pod, container: name, containerId, reason, message }) => {
        const list = this.#watched.get(containerId)?.list ?? 'containers';
        record(pod, { type: 'Warning', reason, message, container: { name, list } });
      },
    });
  }

  /** Probes a running container, if it has probes. Its status, if it has one already, is where they go on from. */
  watch(pod: Pod, name: string, id: string, attempt: number, podIPs: string[], startedAt: string): void {
    const list = pod.spec.containers.some((c) => c.name === name) ? 'containers' : 'initContainers';
    const container = pod.spec[list]?.find((c) => c.name === name);
    if (!container) return;
    const probes = probesOf(container);
    if (Object.keys(probes).length === 0) return;
    const { namespace = '', uid = '' } = pod.metadata;
    this.#watched.set(id, { uid, list });
    this.#prober.watch({
      pod: { namespace, name: pod.metadata.name ?? '', uid },
      container: name,
      containerId: id,
      attempt,
      probes,
      periodMs: periods(pod, name),
      ports: container.ports ?? [],
      podIP: podIPs[0] ?? '',
      hostNetwork: pod.spec.hostNetwork ?? false,
      startedAt,
      initial: standing(pod, name, id),
      terminating: pod.metadata.deletionTimestamp !== undefined,
    });
  }

  watches(id: string): boolean {
    return this.#watched.has(id);
  }

  /** The container is being ended: only its readiness is of interest any more. */
  terminate(id: string): void {
    this.#prober.terminate(id);
  }

  forget(id: string): void {
    this.#watched.delete(id);
    this.#prober.unwatch(id);
  }

  close(): void {
    this.#prober.close();
  }

  forgetPod(uid: string): void {
    for (const [id, watched] of this.#watched) if (watched.uid === uid) this.forget(id);
  }
}

function probesOf(container: Container): Partial<Record<ProbeKind, Probe>> {
  const { startupProbe, livenessProbe, readinessProbe, env = [] } = container;
  const expanded = (probe: Probe): Probe =>
    probe.exec ? { ...probe, exec: { command: expandStatic(probe.exec.command ?? [], env) } } : probe;
  return {
    ...(startupProbe && { startup: expanded(startupProbe) }),
    ...(livenessProbe && { liveness: expanded(livenessProbe) }),
    ...(readinessProbe && { readiness: expanded(readinessProbe) }),
  };
}

function periods(pod: Pod, name: string): Partial<Record<ProbeKind, number>> {
  const found: Partial<Record<ProbeKind, number>> = {};
  for (const kind of ['startup', 'liveness', 'readiness'] as const) {
    const text = pod.metadata.annotations?.[`${PERIOD_ANNOTATION}${name}.${kind}-period`];
    const ms = /^(\d+)ms$/.exec(text ?? '')?.[1];
    if (ms) found[kind] = Math.max(100, Number(ms));
  }
  return found;
}

/** How this very container stood before this process began to probe it. */
function standing(pod: Pod, name: string, id: string): { started: boolean; ready: boolean } | undefined {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const status = statuses.find((s) => s.name === name && s.containerID?.endsWith(id));
  return status && { started: status.started ?? false, ready: status.ready };
}
