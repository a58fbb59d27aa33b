/**
 * Which nodes a Pod wants, by their labels and names.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
 */
import type { V1NodeSelectorTerm } from '@kubernetes/client-node/dist/gen/models/V1NodeSelectorTerm.d.ts';
import { type LabelOperator, matchesLabels } from './selectors.ts';
import type { Json, Node, Pod } from './types.ts';

type Term = Json<V1NodeSelectorTerm>;
type Requirement = NonNullable<Term['matchExpressions']>[number];

const OPERATORS: Record<string, LabelOperator> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: 'absent',
  Gt: 'gt',
  Lt: 'lt',
};

/** Whether the Pod's nodeSelector and required node affinity let it onto the node. */
export function matchesNode({ spec }: Pod, node: Node): boolean {
  const { labels = {} } = node.metadata;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return (
    Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value) &&
    (!required || required.nodeSelectorTerms.some((term) => matches(term, node)))
  );
}

/** The weights of all that the Pod prefers and the node has. */
export function preferenceFor({ spec }: Pod, node: Node): number {
  return (spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
    .filter(({ preference }) => matches(preference, node))
    .reduce((sum, { weight }) => sum + weight, 0);
}

/** All its requirements hold. A term without any matches no node. */
function matches({ matchExpressions = [], matchFields = [] }: Term, { metadata }: Node): boolean {
  const fields = { 'metadata.name': metadata.name ?? '' };
  return (
    matchExpressions.length + matchFields.length > 0 &&
    matchExpressions.every((requirement) => holds(requirement, metadata.labels)) &&
    matchFields.every((requirement) => holds(requirement, fields))
  );
}

function holds({ key, operator, values = [] }: Requirement, labels: Record<string, string> | undefined): boolean {
  // The API takes any value here; a label is neither above nor below one that is no number.
  if ((operator === 'Gt' || operator === 'Lt') && !/^-?\d+$/.test(values[0] ?? '')) return false;
  return matchesLabels([{ key, operator: OPERATORS[operator]!, values }], labels);
}
