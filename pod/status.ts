/** The status of a Pod, from the records of its containers: one pure function, so that it is never guessed back. */
import { conditionsOf, disruption } from './conditions.ts';
import { containerStatus } from './container-status.ts';
import { pastWaiting } from './past-waiting.ts';
import { initDone, isOver, type Phase, phaseOf, phaseWhenStopped, type RecordOf } from './phase.ts';
import { type ContainerRecord, newRecord } from './record.ts';
import { type ResizeState, resizeConditions } from './resize.ts';
import type { ContainerStatus, PodCondition, PodStatus } from './types.ts';
import type { ContainerKind, PodView } from './view.ts';

/** What is known of a Pod beside its containers. */
export interface PodFacts {
  startTime?: string;
  hostIP?: string;
  hostIPs: string[];
  podIPs: string[];
  scheduled: boolean;
  unschedulable?: string;
  sandboxReady: boolean;
  terminating: boolean;
  /** A rule has all containers restart, and what ran before is being ended. */
  restartingAll?: boolean;
  /** Set when something other than its containers ended it (DeadlineExceeded, Evicted, …). */
  verdict?: { reason: string; message: string };
  /** … to make room for others: it says that it is disrupted (KEP-3329). */
  disrupted?: boolean;
  /** The node turned it away before anything of it was made. */
  rejected?: boolean;
  /** All containers were ended from outside. */
  stopped: boolean;
  /** The phase shown so far. Without it, a phase is shown as soon as it is certain: the rule of version 1. */
  shownPhase?: Phase;
  resize: ResizeState;
}

export function statusOf(
  pod: PodView,
  records: ContainerRecord[],
  facts: PodFacts,
  before: PodCondition[],
  now: string,
): PodStatus {
  const recordOf = (name: string) => records.find((r) => r.name === name);
  const phase = currentPhase(pod, recordOf, facts);
  const shown = phaseToShow(phase, records, facts);
  const statuses = (...kinds: ContainerKind[]): ContainerStatus[] =>
    pod.containers
      .filter((c) => kinds.includes(c.kind))
      .map((c) => containerStatus(pod, c, recordOf(c.name) ?? newRecord(c), facts.resize.allocated?.[c.name]));
  const status: PodStatus = {
    ...(pod.generation !== undefined && { observedGeneration: pod.generation }),
    phase: shown,
    conditions: [
      ...conditionsOf(pod, recordOf, { ...facts, phase: phaseOfConditions(pod, phase, recordOf, facts) }, before, now),
      ...(facts.scheduled && !isOver(phase) ? resizeConditions(pod, facts.resize, before, now) : []),
      ...(facts.disrupted ? [disruption(pod, facts.verdict?.message, before, now)] : []),
    ],
  };
  if (facts.verdict && isOver(shown)) Object.assign(status, facts.verdict);
  if (facts.startTime) status.startTime = facts.startTime;
  if (facts.hostIP) Object.assign(status, { hostIP: facts.hostIP, hostIPs: facts.hostIPs.map((ip) => ({ ip })) });
  if (facts.podIPs[0]) Object.assign(status, { podIP: facts.podIPs[0], podIPs: facts.podIPs.map((ip) => ({ ip })) });
  if (!facts.scheduled || facts.rejected) return status;
  const cutOff = facts.terminating && facts.stopped;
  const all = { inits: statuses('init', 'sidecar'), mains: statuses('main') };
  const { inits, mains } = isOver(shown) && !cutOff ? pastWaiting(all.inits, all.mains) : all;
  if (inits.length > 0) status.initContainerStatuses = inits;
  status.containerStatuses = mains;
  const ephemeral = statuses('ephemeral');
  if (ephemeral.length > 0) status.ephemeralContainerStatuses = ephemeral;
  return status;
}

/**
 * What is certain is shown when it has come about, as with the kubelet: a Pod is over when its sandbox is gone, so that
 * nothing of one that Succeeded or Failed still runs; and it is Running when a first container has got past its hook.
 */
function phaseToShow(phase: Phase, records: ContainerRecord[], { shownPhase, sandboxReady }: PodFacts): Phase {
  if (shownPhase === undefined) return phase;
  if (isOver(phase)) return sandboxReady ? shownPhase : phase;
  const inHook = records.some((r) => r.phase === 'running' && !r.startedAt && !r.last);
  return inHook ? shownPhase : phase;
}

/** Conditions say that a Pod is over when its sidecars have ended, too. */
function phaseOfConditions(pod: PodView, phase: Phase, recordOf: RecordOf, facts: PodFacts): Phase {
  if (facts.shownPhase === undefined || facts.verdict || !isOver(phase)) return phase;
  const runs = pod.containers.some((c) => c.kind === 'sidecar' && recordOf(c.name)?.phase === 'running');
  return runs ? 'Running' : phase;
}

function currentPhase(pod: PodView, recordOf: RecordOf, facts: PodFacts): Phase {
  if (facts.verdict) return 'Failed';
  return facts.stopped ? phaseWhenStopped(pod, recordOf) : phaseOf(pod, recordOf);
}

/** One line that says where a Pod stands, for search attributes and summaries: `Init:0/2`, `CrashLoopBackOff`, `Running`. */
export function reasonOf(pod: PodView, records: ContainerRecord[], facts: PodFacts): string {
  if (facts.verdict) return facts.verdict.reason;
  if (facts.terminating) return 'Terminating';
  const recordOf = (name: string) => records.find((r) => r.name === name);
  const inits = pod.containers.filter((c) => c.kind === 'init' || c.kind === 'sidecar');
  const stuck = pod.containers
    .map((c) => recordOf(c.name)?.waiting?.reason)
    .find((reason) => reason !== undefined && reason !== 'PodInitializing' && reason !== 'ContainerCreating');
  const done = inits.filter((c) => initDone(c, recordOf(c.name))).length;
  const phase = currentPhase(pod, recordOf, facts);
  if (phase === 'Pending' && done < inits.length) return stuck ? `Init:${stuck}` : `Init:${done}/${inits.length}`;
  return stuck ?? phase;
}
