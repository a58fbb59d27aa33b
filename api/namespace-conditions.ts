/** What a namespace that is going still waits for, as its conditions say it (upstream's namespace controller). */
import type { KubeObject } from '../pod/types.ts';

/** What is left in a namespace, in numbers of objects. */
export interface Left {
  /** By resource, `pods.` or `leases.coordination.k8s.io`. */
  resources: Map<string, number>;
  finalizers: Map<string, number>;
}

/** The namespace with conditions that say what is left in it. */
export function withLeft(namespace: KubeObject, { resources, finalizers }: Left, time: string): KubeObject {
  const old: KubeObject[] = namespace.status?.conditions ?? [];
  const told = [
    resources.size > 0
      ? {
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: `Some resources are remaining: ${listed(resources, (n) => ` has ${n} resource instances`)}`,
        }
      : {
          type: 'NamespaceContentRemaining',
          status: 'False',
          reason: 'ContentRemoved',
          message: 'All content successfully removed',
        },
    finalizers.size > 0
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${listed(finalizers, (n) => ` in ${n} resource instances`)}`,
        }
      : {
          type: 'NamespaceFinalizersRemaining',
          status: 'False',
          reason: 'ContentHasNoFinalizers',
          message: 'All content-preserving finalizers finished',
        },
  ].map((condition) => {
    const before = old.find(({ type }) => type === condition.type);
    return { ...condition, lastTransitionTime: before?.status === condition.status ? before.lastTransitionTime : time };
  });
  const others = old.filter(({ type }) => !told.some((condition) => condition.type === type));
  return { ...namespace, status: { ...namespace.status, conditions: [...others, ...told] } };
}

const listed = (counts: Map<string, number>, said: (n: number) => string): string =>
  [...counts]
    .map(([name, n]) => name + said(n))
    .sort()
    .join(', ');
