/** What a node that is short of something says of itself, and the taints that keep Pods away from it then. */
import type { Taint } from './taints.ts';
import type { Node } from './types.ts';

/** By condition, as upstream's node lifecycle controller has them: https://kubernetes.io/docs/reference/node/node-status/ */
const TAINTS: Record<string, string> = {
  MemoryPressure: 'node.kubernetes.io/memory-pressure',
  DiskPressure: 'node.kubernetes.io/disk-pressure',
  PIDPressure: 'node.kubernetes.io/pid-pressure',
};
const EFFECT = 'NoSchedule';

export const MEMORY_PRESSURE: Taint = { key: TAINTS.MemoryPressure!, effect: EFFECT };

/** The pressure a node is under, by its conditions. */
export function pressureOf({ status }: Pick<Node, 'status'>): string[] {
  const holds = (status?.conditions ?? []).filter((c) => c.type in TAINTS && c.status === 'True');
  return holds.map(({ type }) => type);
}

/** The node with the taints of its conditions and none of those it has not; others stay. */
export function withPressureTaints<N extends Pick<Node, 'spec' | 'status'>>(node: N): N {
  const own = Object.values(TAINTS);
  const others = (node.spec?.taints ?? []).filter(({ key, effect }) => !(own.includes(key) && effect === EFFECT));
  const taints = [...others, ...pressureOf(node).map((type) => ({ key: TAINTS[type]!, effect: EFFECT }))];
  const { taints: _, ...spec } = node.spec ?? {};
  return { ...node, spec: taints.length > 0 ? { ...spec, taints } : spec };
}
