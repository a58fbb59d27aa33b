/** Priorities of Pods. https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/ */
import type { Pod } from './types.ts';

const SYSTEM_CRITICAL = 2_000_000_000;
const CLASSES = new Map([
  ['system-node-critical', 2_000_001_000],
  ['system-cluster-critical', SYSTEM_CRITICAL],
]);

/** That of each class, and of Pods without one. */
export const PREEMPTION_POLICY = 'PreemptLowerPriority';

/** The priority that a class gives; 0 without one. Undefined when there is no such class. */
export const priorityOfClass = (name: string | undefined): number | undefined => (name ? CLASSES.get(name) : 0);

/** Such Pods are never evicted. */
export function isSystemCritical({ spec }: Pod): boolean {
  return (spec.priority ?? 0) >= SYSTEM_CRITICAL;
}
