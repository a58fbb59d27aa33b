/** The prober as the node's activities see it: Pods in; out come signals to their workflows, and events. */
import type { PodEvent } from '../pod/contract.ts';
import { expandStatic } from '../pod/expand.ts';
import type { ProbeChanged } from '../pod/messages.ts';
import { probePeriods } from '../pod/probe-periods.ts';
import type { Container, Pod, PodRef, Probe } from '../pod/types.ts';
import type { Runtime } from '../runtime/port.ts';
import type { NodeEvent } from './event-recorder.ts';
import { bounded } from './handlers/text.ts';
import { Prober } from './probe/prober.ts';
import type { ProbeKind } from './probe/thresholds.ts';
import { Verdicts } from './probe/verdicts.ts';

/** What of a failed probe's message a workflow keeps. */
const MAX_MESSAGE_BYTES = 1024;

export interface ContainerProberOptions {
  runtime: Runtime;
  hostIP?: string;
  idScheme: string;
  /** Whether the end of a container is known. */
  ended(id: string): boolean;
  /** Must not reject: it repeats until the workflow has it. */
  report(pod: PodRef, change: ProbeChanged): Promise<void>;
  /** Must not throw. */
  record(pod: PodRef, event: NodeEvent): void;
}

type List = NonNullable<PodEvent['container']>['list'];

/** A container that runs. */
export interface Watched {
  name: string;
  id: string;
  attempt: number;
  podIPs: string[];
  /** RFC 3339. */
  startedAt: string;
  /** Its postStart hook has just succeeded. */
  hooked?: boolean;
}

export class ContainerProber {
  readonly #prober: Prober;
  readonly #verdicts: Verdicts;
  readonly #idScheme: string;
  readonly #ended: (id: string) => boolean;
  /** By container id: its Pod's uid, and where the Pod's spec has it. */
  readonly #watched = new Map<string, { uid: string; list: List }>();

  constructor({ runtime, hostIP, idScheme, ended, report, record }: ContainerProberOptions) {
    this.#idScheme = idScheme;
    this.#ended = ended;
    this.#verdicts = new Verdicts(report);
    this.#prober = new Prober({
      runtime,
      hostIP,
      onTransition: ({ pod, container, containerId, kind, result, message }) =>
        this.#verdicts.put(pod, {
          container,
          id: this.#idScheme + containerId,
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

  /**
   * Probes a running container, if it has probes; its status, if it has one already, is where they go on from. One that
   * has a postStart hook is not probed before that has ended: until then it does not count as running.
   */
  watch(pod: Pod, { name, id, attempt, podIPs, startedAt, hooked = false }: Watched): void {
    // Its end may overtake the word that it runs, and nobody would forget it any more.
    if (this.#ended(id)) return;
    const list = pod.spec.containers.some((c) => c.name === name) ? 'containers' : 'initContainers';
    const container = pod.spec[list]?.find((c) => c.name === name);
    if (!container) return;
    const probes = probesOf(container);
    if (Object.keys(probes).length === 0) return;
    const initial = standing(pod, name, id);
    if (container.lifecycle?.postStart && !hooked && !initial?.running) return;
    const { namespace = '', uid = '' } = pod.metadata;
    this.#watched.set(id, { uid, list });
    this.#prober.watch({
      pod: { namespace, name: pod.metadata.name ?? '', uid },
      container: name,
      containerId: id,
      attempt,
      probes,
      periodMs: probePeriods(pod, name),
      ports: container.ports ?? [],
      podIP: podIPs[0] ?? '',
      hostNetwork: pod.spec.hostNetwork ?? false,
      startedAt,
      initial,
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
    this.#verdicts.forget(this.#idScheme + id);
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

/** How this very container stood before this process began to probe it. */
function standing(
  pod: Pod,
  name: string,
  id: string,
): { running: boolean; started: boolean; ready: boolean } | undefined {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const status = statuses.find((s) => s.name === name && s.containerID?.endsWith(id));
  if (!status) return undefined;
  return { running: status.state?.running !== undefined, started: status.started ?? false, ready: status.ready };
}
