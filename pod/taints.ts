/** Taints of nodes, and what Pods tolerate. https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
import { matchesLabels } from './selectors.ts';
import type { Node, PodSpec } from './types.ts';

type Toleration = NonNullable<PodSpec['tolerations']>[number];
export type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];

/** What a taint may do. */
export const TAINT_EFFECTS = ['NoExecute', 'NoSchedule', 'PreferNoSchedule'];

/** The first of the taints that the Pod does not tolerate. */
export function untolerated(taints: Taint[], { tolerations = [] }: PodSpec): Taint | undefined {
  return taints.find((taint) => !tolerations.some((toleration) => tolerates(toleration, taint)));
}

function tolerates({ key, operator, value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  const actual = taint.value ?? '';
  switch (operator) {
    case 'Exists':
      return true;
    case 'Gt':
    case 'Lt':
      return matchesLabels([{ key: taint.key, operator: operator === 'Gt' ? 'gt' : 'lt', values: [value] }], {
        [taint.key]: actual,
      });
    default:
      return value === actual;
  }
}
