/**
 * The five conditions a node owns, and their transition times.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions
 */
import { isReady } from './container-status.ts';
import { initDone, type Phase, type RecordOf } from './phase.ts';
import type { PodCondition } from './types.ts';
import type { ContainerView, PodView } from './view.ts';

/** What a Pod says while it has scheduling gates. */
export const SCHEDULING_GATED = 'Scheduling is blocked due to non-empty scheduling gates';

const TYPES = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'] as const;
/** Said of Pods with a rule that may bring it about (KEP-5532). */
const RESTARTING = 'AllContainersRestarting';

export interface ConditionFacts {
  scheduled: boolean;
  /** Why it is not scheduled. */
  unschedulable?: string;
  sandboxReady: boolean;
  terminating: boolean;
  /** A rule has all containers restart, and what ran before is being ended. */
  restartingAll?: boolean;
  phase: Phase;
}

type Verdict = { status: 'True' | 'False'; reason?: string; message?: string };
const YES: Verdict = { status: 'True' };

/** The conditions as they stand at `now` (RFC 3339); those that did not change keep their transition time. */
export function conditionsOf(
  pod: PodView,
  recordOf: RecordOf,
  facts: ConditionFacts,
  before: PodCondition[],
  now: string,
): PodCondition[] {
  const containersReady = containersReadyOf(pod, recordOf, facts);
  const verdicts: Record<(typeof TYPES)[number] | typeof RESTARTING, Verdict> = {
    PodReadyToStartContainers: facts.sandboxReady ? YES : { status: 'False' },
    Initialized: initializedOf(pod, recordOf, facts),
    Ready: readyOf(pod, containersReady),
    ContainersReady: containersReady,
    PodScheduled: scheduledOf(pod, facts),
    AllContainersRestarting: restartingOf(facts),
  };
  // A Pod that has no node yet says only that, as a scheduler does.
  const types = facts.scheduled
    ? [...TYPES, ...(mayRestartAll(pod) ? ([RESTARTING] as const) : [])]
    : (['PodScheduled'] as const);
  return types.map((type) => {
    const old = before.find((c) => c.type === type);
    const lastTransitionTime = old?.status === verdicts[type].status ? old.lastTransitionTime : now;
    const observed = pod.generation === undefined ? {} : { observedGeneration: pod.generation };
    return { type, ...observed, ...verdicts[type], lastTransitionTime, lastProbeTime: null } as unknown as PodCondition;
  });
}

/** https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions */
export function disruption(
  { generation }: PodView,
  message: string | undefined,
  before: PodCondition[],
  now: string,
): PodCondition {
  const type = 'DisruptionTarget';
  return {
    type,
    ...(generation !== undefined && { observedGeneration: generation }),
    status: 'True',
    reason: 'TerminationByKubelet',
    message,
    lastTransitionTime: before.find((c) => c.type === type)?.lastTransitionTime ?? now,
    lastProbeTime: null,
  } as unknown as PodCondition;
}

function scheduledOf({ gated }: PodView, { scheduled, unschedulable }: ConditionFacts): Verdict {
  if (scheduled) return YES;
  if (gated) return { status: 'False', reason: 'SchedulingGated', message: SCHEDULING_GATED };
  return { status: 'False', reason: 'Unschedulable', message: unschedulable ?? 'waiting for a node' };
}

function initializedOf(pod: PodView, recordOf: RecordOf, facts: ConditionFacts): Verdict {
  if (facts.phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  const inits = pod.containers.filter((c) => c.kind === 'init' || c.kind === 'sidecar');
  const open = inits.filter((c) => !initDone(c, recordOf(c.name)));
  // Once main containers ran, a sidecar that restarts does not make the Pod uninitialized again.
  const ran = pod.containers.some((c) => c.kind === 'main' && recordOf(c.name)?.phase !== 'waiting');
  if (open.length === 0 || (ran && open.every((c) => c.kind === 'sidecar'))) return YES;
  return {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: ${names(open)}`,
  };
}

function containersReadyOf(pod: PodView, recordOf: RecordOf, facts: ConditionFacts): Verdict {
  if (facts.phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (facts.phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const counted = pod.containers.filter((c) => c.kind === 'main' || c.kind === 'sidecar');
  const unready = counted.filter((c) => {
    const record = recordOf(c.name);
    return record === undefined || !isReady(c, record);
  });
  if (unready.length === 0) return YES;
  return {
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: ${names(unready)}`,
  };
}

function readyOf(pod: PodView, containersReady: Verdict): Verdict {
  if (containersReady.status === 'False') return containersReady;
  const unmet = pod.readinessGates.filter((g) => !g.met);
  if (unmet.length === 0) return YES;
  return {
    status: 'False',
    reason: 'ReadinessGatesNotReady',
    message: unmet.map(whyUnmet).join(', '),
  };
}

function mayRestartAll({ containers }: PodView): boolean {
  return containers.some((c) => c.restartRules.some((rule) => rule.action === 'RestartAllContainers'));
}

function restartingOf({ phase, restartingAll }: ConditionFacts): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  if (!restartingAll) return { status: 'False' };
  return {
    status: 'True',
    reason: 'RestartAllContainersStarted',
    message: 'container exited with restart policy rule',
  };
}

/** In the kubelet's words, which people look for. */
function whyUnmet({ type, status }: PodView['readinessGates'][number]): string {
  if (status === undefined) return `corresponding condition of pod readiness gate "${type}" does not exist.`;
  return `the status of pod readiness gate "${type}" is not "True", but ${status}`;
}

function names(containers: ContainerView[]): string {
  return `[${containers.map((c) => c.name).join(' ')}]`;
}
