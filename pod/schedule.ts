/**
 * Which node takes a Pod. Not a scheduler: of the nodes that are ready, have room and free ports, match its node affinity
 * and whose taints it tolerates, the one that it prefers most, or the first.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/
 */
import { SCHEDULING_GATED } from './conditions.ts';
import type { Rejection } from './contract.ts';
import { areFree, type HostPort, hostPortsOf } from './host-ports.ts';
import { isTrue } from './is-true.ts';
import { matchesNode, preferenceFor } from './node-affinity.ts';
import { MEMORY_PRESSURE, pressureOf } from './pressure.ts';
import { isSystemCritical } from './priority.ts';
import { qosClass } from './qos.ts';
import { type Amounts, amountsOf, notEnough, requestsOf, type Shortage, shortages } from './requests.ts';
import { type Taint, untolerated } from './taints.ts';
import type { Node, Pod } from './types.ts';

/** What Pods take of a node. */
export interface Taken {
  amounts: Amounts;
  hostPorts: HostPort[];
}

export type Choice =
  /** `rejection` says why the node will not run the Pod, where it was not for us to choose it. */
  { node: Node; rejection?: Rejection } | { unschedulable: string };

const OTHER_LABELS = "node(s) didn't match Pod's node affinity/selector";
const PORTS_TAKEN = "node(s) didn't have free ports for the requested pod ports";
const CORDON: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** `takenOn` is what other Pods take of a node. */
export function chooseNode(pod: Pod, nodes: Node[], takenOn: (node: string) => Taken): Choice {
  const { nodeName, schedulingGates = [] } = pod.spec;
  if (schedulingGates.length > 0) return { unschedulable: SCHEDULING_GATED };
  if (nodeName) {
    const node = nodes.find((n) => n.metadata.name === nodeName);
    if (!node) return { unschedulable: `there is no node "${nodeName}"` };
    return { node, rejection: rejectionOf(pod, node, takenOn(nodeName)) };
  }
  const reasons = new Map<string, number>();
  for (const node of nodes.toSorted((a, b) => preferenceFor(pod, b) - preferenceFor(pod, a))) {
    const why = unfit(pod, node, takenOn(node.metadata.name ?? ''));
    if (why.length === 0) return { node };
    for (const each of why) reasons.set(each, (reasons.get(each) ?? 0) + 1);
  }
  const why = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
  return { unschedulable: `0/${nodes.length} nodes are available${why.length > 0 ? `: ${why.join(', ')}` : ''}.` };
}

/** Why the node is none for the Pod: the first thing that is in its way, or all that it has too little of. */
function unfit(pod: Pod, node: Node, taken: Taken): string[] {
  if (!isTrue(node.status?.conditions, 'Ready')) return ['node(s) were not ready'];
  if (node.spec?.unschedulable && untolerated([CORDON], pod.spec)) return ['node(s) were unschedulable'];
  const taint = untolerated(taintsOf(node, 'NoSchedule', 'NoExecute').filter(isInTheWay(pod)), pod.spec);
  if (taint) return [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`];
  if (!matchesNode(pod, node)) return [OTHER_LABELS];
  if (!areFree(hostPortsOf(pod), taken.hostPorts)) return [PORTS_TAKEN];
  return lacksOf(pod, node, taken).map(({ resource }) =>
    resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`,
  );
}

/** Only Pods that ask for nothing wait for memory. */
function isInTheWay({ spec }: Pod): (taint: Taint) => boolean {
  return ({ key }) => key !== MEMORY_PRESSURE.key || qosClass(spec) === 'BestEffort';
}

/** Why the node turns away a Pod that was put on it: the kubelet's reasons, order and words. */
function rejectionOf(pod: Pod, node: Node, taken: Taken): Rejection | undefined {
  const pressure = pressureOn(pod, node);
  if (pressure) return { reason: 'Evicted', message: `The node had condition: [${pressure.join(' ')}]. ` };
  // What the node knows nothing of is no reason.
  const known = node.status?.allocatable ?? {};
  const lack = lacksOf(pod, node, taken).find(({ resource }) => resource in known);
  if (lack) return { reason: `OutOf${lack.resource}`, message: notEnough('resource', lack) };
  const failed = (reason: string, why: string) => ({ reason, message: `Predicate ${reason} failed: ${why}` });
  if (!matchesNode(pod, node)) return failed('NodeAffinity', OTHER_LABELS);
  if (!areFree(hostPortsOf(pod), taken.hostPorts)) return failed('NodePorts', PORTS_TAKEN);
  if (untolerated(taintsOf(node, 'NoExecute'), pod.spec)) {
    return failed('TaintToleration', "node(s) had taints that the pod didn't tolerate");
  }
  return undefined;
}

/** What the node is short of, when that is a reason not to run the Pod. */
function pressureOn(pod: Pod, node: Node): string[] | undefined {
  const holds = pressureOf(node);
  if (holds.length === 0 || isSystemCritical(pod)) return undefined;
  const onlyMemory = holds.every((type) => type === 'MemoryPressure');
  const mayCome = qosClass(pod.spec) !== 'BestEffort' || !untolerated([MEMORY_PRESSURE], pod.spec);
  return onlyMemory && mayCome ? undefined : holds;
}

/** A node that does not say what it has is not measured. */
function lacksOf(pod: Pod, { status }: Node, taken: Taken): Shortage[] {
  if (!status?.allocatable) return [];
  return shortages(requestsOf(pod), taken.amounts, amountsOf(status.allocatable));
}

function taintsOf({ spec }: Node, ...effects: string[]): Taint[] {
  return (spec?.taints ?? []).filter(({ effect }) => effects.includes(effect));
}
