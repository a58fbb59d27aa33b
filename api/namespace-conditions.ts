/** What a namespace that is going still waits for, as its conditions say it (upstream's namespace controller). */
import type { KubeObject } from '../pod/types.ts';

/** What is left in a namespace, in numbers of objects. */
export interface Left {
  /** By resource, `pods.` or `leases.coordination.k8s.io`. */
  resources: Map<string, number>;
  finalizers: Map<string, number>;
  /** Why resources could not be emptied, one each. */
  failures: Error[];
}

/** `reason` and `message` while there is nothing to tell, or what there is. */
const condition = (type: string, fine: [string, string], trouble?: [string, string] | false) => {
  const [reason, message] = trouble || fine;
  return { type, status: trouble ? 'True' : 'False', reason, message };
};

/** The namespace with conditions that say what is left in it. */
export function withLeft(namespace: KubeObject, { resources, finalizers, failures }: Left, time: string): KubeObject {
  const old: KubeObject[] = namespace.status?.conditions ?? [];
  const told = [
    // What is served is known from the start, so that these two never are True.
    condition('NamespaceDeletionDiscoveryFailure', ['ResourcesDiscovered', 'All resources successfully discovered']),
    condition('NamespaceDeletionGroupVersionParsingFailure', [
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ]),
    condition(
      'NamespaceDeletionContentFailure',
      ['ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
      failures.length > 0 && [
        'ContentDeletionFailed',
        `Failed to delete all resource types, ${failures.length} remaining: ${failures.map(({ message }) => message).join(', ')}`,
      ],
    ),
    condition(
      'NamespaceContentRemaining',
      ['ContentRemoved', 'All content successfully removed'],
      resources.size > 0 && [
        'SomeResourcesRemain',
        `Some resources are remaining: ${listed(resources, (n) => ` has ${n} resource instances`)}`,
      ],
    ),
    condition(
      'NamespaceFinalizersRemaining',
      ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
      finalizers.size > 0 && [
        'SomeFinalizersRemain',
        `Some content in the namespace has finalizers remaining: ${listed(finalizers, (n) => ` in ${n} resource instances`)}`,
      ],
    ),
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
