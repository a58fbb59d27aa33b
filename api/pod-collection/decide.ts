/** Which Pods go that nobody else would remove, and what is said of them first (upstream's PodGC controller). */
import { isHeld } from '../../pod/is-held.ts';
import { isTrue } from '../../pod/is-true.ts';
import { isOver } from '../../pod/phase.ts';
import type { Node, Pod, PodCondition, PodRef } from '../../pod/types.ts';
import { timestamp } from '../objects/time.ts';

/** How many Pods that are over are kept. */
const MAX_OVER = 12_500;
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
const ORPHANED: Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'> = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByPodGC',
  message: 'PodGC: node no longer exists',
};

/** `missing`: it is not there, but may come yet. */
export type NodeState = 'there' | 'out-of-service' | 'missing' | 'gone';

/** `orphaned`: its node is gone. `unscheduled`, `out-of-service`: it is to end, and no node does that. `surplus`: it is over. */
type Cause = 'orphaned' | 'unscheduled' | 'out-of-service' | 'surplus';

/** What of a Pod has a say in this. */
export interface PodFacts extends PodRef {
  nodeName?: string;
  createdAt: string;
  isOver: boolean;
  isEvicted: boolean;
  isGoing: boolean;
  /** Nothing but finalizers holds it. */
  isHeld: boolean;
}

export interface Due {
  pod: PodFacts;
  cause: Cause;
}

export function factsOf(pod: Pod): PodFacts {
  const { metadata, spec, status } = pod;
  const { namespace = '', name = '', uid = '', creationTimestamp = '', deletionTimestamp } = metadata;
  return {
    namespace,
    name,
    uid,
    ...(spec.nodeName ? { nodeName: spec.nodeName } : {}),
    createdAt: creationTimestamp,
    isOver: isOver(status?.phase),
    isEvicted: status?.phase === 'Failed' && status.reason === 'Evicted',
    isGoing: deletionTimestamp !== undefined,
    isHeld: isHeld(pod),
  };
}

/** A client says of a node by a taint that it does not come back to end its Pods; one that is ready does so itself. */
export function nodeState({ spec, status }: Node): NodeState {
  return !isTrue(status?.conditions, 'Ready') && spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE)
    ? 'out-of-service'
    : 'there';
}

/** The Pods that are due, those that are over first. */
export function dueOf(pods: PodFacts[], stateOf: (nodeName: string) => NodeState, maxOver = MAX_OVER): Due[] {
  const surplus = surplusOf(pods, maxOver);
  const isSurplus = new Set(surplus);
  return [
    ...surplus.map((pod): Due => ({ pod, cause: 'surplus' })),
    ...pods.flatMap((pod): Due[] => {
      const cause = isSurplus.has(pod) ? undefined : causeOf(pod, pod.nodeName ? stateOf(pod.nodeName) : undefined);
      return cause ? [{ pod, cause }] : [];
    }),
  ].filter(({ pod }) => !pod.isHeld);
}

/** Whether what was decided is still right for the Pod as it is now. */
export const holds = (cause: Cause, pod: PodFacts, node: NodeState | undefined): boolean =>
  cause === 'surplus' ? pod.isOver : causeOf(pod, node) === cause;

function causeOf({ nodeName, isGoing }: PodFacts, node: NodeState | undefined): Cause | undefined {
  if (!nodeName) return isGoing ? 'unscheduled' : undefined;
  if (node === 'gone') return 'orphaned';
  return node === 'out-of-service' && isGoing ? 'out-of-service' : undefined;
}

/** Those that were evicted first, then the oldest. */
function surplusOf(pods: PodFacts[], maxOver: number): PodFacts[] {
  const over = pods.filter((pod) => pod.isOver);
  if (over.length <= maxOver) return [];
  const inOrder = over.sort(
    (a, b) => Number(b.isEvicted) - Number(a.isEvicted) || compare(a.createdAt, b.createdAt) || compare(a.name, b.name),
  );
  return inOrder.slice(0, over.length - maxOver);
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** The Pod as it ends, for nobody is there to say how it did; undefined when it is over. */
export function failed(pod: Pod, cause: Cause, now: Date): Pod | undefined {
  if (isOver(pod.status?.phase)) return undefined;
  const { generation } = pod.metadata;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const status = { ...pod.status, ...observed, phase: 'Failed' };
  if (cause !== 'orphaned') return { ...pod, status };
  const conditions = pod.status?.conditions ?? [];
  const before = conditions.find(({ type, status: is }) => type === ORPHANED.type && is === ORPHANED.status);
  const lastTransitionTime = before?.lastTransitionTime ?? timestamp(now);
  const others = conditions.filter(({ type }) => type !== ORPHANED.type);
  return { ...pod, status: { ...status, conditions: [...others, { ...ORPHANED, ...observed, lastTransitionTime }] } };
}
