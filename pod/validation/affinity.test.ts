import { expect, test } from 'vitest';
import { specErrors } from './testing.ts';

const HARD = 'requiredDuringSchedulingIgnoredDuringExecution';
const SOFT = 'preferredDuringSchedulingIgnoredDuringExecution';
const NODE = `spec.affinity.nodeAffinity.${HARD}.nodeSelectorTerms`;
const POD = `spec.affinity.podAffinity.${HARD}[0]`;
const VALUE =
  "a label's value must be empty, or letters, digits, '-', '_' or '.' with a letter or digit at both ends (e.g. 'MyValue' or '12345')";
const node = (...nodeSelectorTerms: object[]) => ({ nodeAffinity: { [HARD]: { nodeSelectorTerms } } });
const pod = (term: object) => ({ podAffinity: { [HARD]: [{ topologyKey: 'zone', ...term }] } });
const expressions = (...matchExpressions: object[]) => ({ matchExpressions });

test.each<[object, string[]]>([
  [node(expressions({ key: 'a', operator: 'In', values: ['b'] }, { key: 'c', operator: 'Gt', values: ['1'] })), []],
  [node(), [`${NODE}: Required value: must have at least one node selector term`]],
  [
    node(
      expressions(
        { key: 'a', operator: 'In' },
        { key: 'b', operator: 'Exists', values: ['-'] },
        { key: '', operator: 'Is', values: [] },
        { key: 'd', operator: 'Lt', values: ['1', '2'] },
      ),
    ),
    [
      `${NODE}[0].matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
      `${NODE}[0].matchExpressions[1].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
      `${NODE}[0].matchExpressions[1].values[0]: Invalid value: "-": ${VALUE}`,
      `${NODE}[0].matchExpressions[2].operator: Invalid value: "Is": must be one of In, NotIn, Exists, DoesNotExist, Gt, Lt`,
      `${NODE}[0].matchExpressions[2].key: Invalid value: "": the name must not be empty`,
      `${NODE}[0].matchExpressions[3].values: Required value: must be a single value when \`operator\` is 'Lt' or 'Gt'`,
    ],
  ],
  [
    node({
      matchFields: [
        { key: 'metadata.uid', operator: 'Exists' },
        { key: 'metadata.name', operator: 'In', values: ['a', 'b'] },
      ],
    }),
    [
      `${NODE}[0].matchFields[0].operator: Invalid value: "Exists": must be In or NotIn`,
      `${NODE}[0].matchFields[0].key: Invalid value: "metadata.uid": must be metadata.name`,
      `${NODE}[0].matchFields[1].values: Required value: must be only one value when \`operator\` is 'In' or 'NotIn' for node field selector`,
    ],
  ],
  [
    { nodeAffinity: { [SOFT]: [{ weight: 0, preference: expressions({ key: 'a', operator: 'In', values: ['-'] }) }] } },
    [`spec.affinity.nodeAffinity.${SOFT}[0].weight: Invalid value: 0: must be a whole number from 1 to 100`],
  ],
  [pod({ labelSelector: { matchLabels: { a: 'b' } }, matchLabelKeys: ['c'], mismatchLabelKeys: ['d'] }), []],
  [pod({ topologyKey: '' }), [`${POD}.topologyKey: Required value`]],
  [
    pod({ labelSelector: { matchLabels: { a: '-' } }, matchLabelKeys: ['a', 'b'], mismatchLabelKeys: ['b'] }),
    [
      `${POD}.labelSelector.matchLabels: Invalid value: "-": ${VALUE}`,
      `${POD}.matchLabelKeys[0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector`,
      `${POD}.matchLabelKeys[1]: Invalid value: "b": exists in both matchLabelKeys and mismatchLabelKeys`,
    ],
  ],
  [
    pod({ matchLabelKeys: ['a'] }),
    [`${POD}.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set`],
  ],
  [
    { podAntiAffinity: { [SOFT]: [{ weight: 101, podAffinityTerm: { topologyKey: 'a', namespaces: ['n', 'a.b'] } }] } },
    [
      `spec.affinity.podAntiAffinity.${SOFT}[0].weight: Invalid value: 101: must be a whole number from 1 to 100`,
      `spec.affinity.podAntiAffinity.${SOFT}[0].podAffinityTerm.namespaces[1]: Invalid value: "a.b": must be a DNS label: lower-case letters, digits or '-', with a letter or digit at both ends (e.g. 'my-name' or '123-abc')`,
    ],
  ],
])('%j', (affinity, expected) => expect(specErrors({ affinity })).toEqual(expected));
