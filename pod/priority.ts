import type { Pod } from './types.ts';

const SYSTEM_CRITICAL = 2_000_000_000;

/** Such Pods are never evicted. https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/ */
export function isSystemCritical({ spec }: Pod): boolean {
  return (spec.priority ?? 0) >= SYSTEM_CRITICAL;
}
