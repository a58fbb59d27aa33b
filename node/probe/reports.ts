import type { PodRef, Probe } from '../../pod/types.ts';
import type { ContainerPort } from '../handlers/target.ts';
import type { ProbeKind } from './thresholds.ts';

/** A running container and its probes. */
export interface WatchedContainer {
  pod: PodRef;
  container: string;
  containerId: string;
  attempt: number;
  probes: Partial<Record<ProbeKind, Probe>>;
  /** Periods that the Pod's annotation chooses, in milliseconds, in place of the probes' own. */
  periodMs?: Partial<Record<ProbeKind, number>>;
  ports: ContainerPort[];
  podIP: string;
  hostNetwork: boolean;
  /** RFC 3339. */
  startedAt: string;
  /** How its status stood before this process, which goes on from there. */
  initial?: { started: boolean; ready: boolean };
  /** The Pod is being deleted: only readiness is probed. */
  terminating?: boolean;
}

/** Which probe of which container. */
export interface ProbeSubject {
  pod: PodRef;
  container: string;
  containerId: string;
  attempt: number;
  kind: ProbeKind;
}

/** A probe's result, after its thresholds, has changed. */
export interface ProbeTransition extends ProbeSubject {
  result: boolean;
  /** Of the probe that decided it. */
  message: string;
  /** RFC 3339. */
  at: string;
}

/** A single probe that did not plainly succeed, as the event that Kubernetes has for it. */
export interface ProbeFailure extends ProbeSubject {
  reason: 'Unhealthy' | 'ProbeWarning';
  message: string;
}
