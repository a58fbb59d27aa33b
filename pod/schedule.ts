/**
 * Which node takes a Pod. Not a scheduler: the first node that is ready, has room, fits the nodeSelector and whose
 * taints are tolerated. https://kubernetes.io/docs/concepts/scheduling-eviction/
 */
import { type Amounts, amountsOf, requestsOf, type Shortage, shortages } from './requests.ts';
import type { Node, Pod } from './types.ts';

export type Choice =
  /** `lacks` says what the node has too little of, where it was not for us to choose it. */
  { node: Node; lacks: Shortage[] } | { unschedulable: string };

/** `usedOn` is what other Pods take of a node. */
export function chooseNode(pod: Pod, nodes: Node[], usedOn: (node: string) => Amounts): Choice {
  const { nodeName, schedulingGates } = pod.spec;
  if (schedulingGates && schedulingGates.length > 0) {
    return { unschedulable: `scheduling is held back by gates: ${schedulingGates.map((g) => g.name).join(', ')}` };
  }
  const requested = requestsOf(pod);
  if (nodeName) {
    const node = nodes.find((n) => n.metadata.name === nodeName);
    if (!node) return { unschedulable: `there is no node "${nodeName}"` };
    // As with the kubelet: what the node knows nothing of is no reason to turn a Pod away.
    const known = node.status?.allocatable ?? {};
    return { node, lacks: lacksOf(requested, node, usedOn).filter(({ resource }) => resource in known) };
  }
  const reasons = new Map<string, number>();
  for (const node of nodes) {
    const reason = unfit(pod, node);
    const why = reason ? [reason] : lacksOf(requested, node, usedOn).map(lackReason);
    if (why.length === 0) return { node, lacks: [] };
    for (const each of why) reasons.set(each, (reasons.get(each) ?? 0) + 1);
  }
  const why = [...reasons].map(([reason, count]) => `${count} ${reason}`).join(', ');
  return { unschedulable: `0/${nodes.length} nodes are available${why ? `: ${why}` : ''}.` };
}

/** A node that does not say what it has is not measured. */
function lacksOf(requested: Amounts, { metadata, status }: Node, usedOn: (node: string) => Amounts): Shortage[] {
  if (!status?.allocatable) return [];
  return shortages(requested, usedOn(metadata.name ?? ''), amountsOf(status.allocatable));
}

function lackReason({ resource }: Shortage): string {
  return resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`;
}

function unfit(pod: Pod, node: Node): string | undefined {
  if (!node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')) return 'node(s) were not ready';
  const labels = node.metadata.labels ?? {};
  const selector = Object.entries(pod.spec.nodeSelector ?? {});
  if (!selector.every(([key, value]) => labels[key] === value)) {
    return "node(s) didn't match the Pod's node selector";
  }
  if (node.spec?.unschedulable) return 'node(s) were unschedulable';
  const taints = (node.spec?.taints ?? []).filter((t) => t.effect !== 'PreferNoSchedule');
  const untolerated = taints.find((taint) => !(pod.spec.tolerations ?? []).some((t) => tolerates(t, taint)));
  return untolerated && `node(s) had untolerated taint {${untolerated.key}: ${untolerated.value ?? ''}}`;
}

type Toleration = NonNullable<Pod['spec']['tolerations']>[number];
type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];

/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.operator === 'Exists') return !toleration.key || toleration.key === taint.key;
  return toleration.key === taint.key && (toleration.value ?? '') === (taint.value ?? '');
}
