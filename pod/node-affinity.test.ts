import { expect, test } from 'vitest';
import { matchesNode } from './node-affinity.ts';
import type { Node, Pod } from './types.ts';

const NODE = { metadata: { name: 'box', labels: { disk: 'ssd', cores: '8' } } } as unknown as Node;
const expression = (key: string, operator: string, ...values: string[]) => ({ key, operator, values });
const expressions = (...matchExpressions: object[]) => ({ matchExpressions });
const named = (operator: string, name: string) => ({ matchFields: [expression('metadata.name', operator, name)] });

test.each<[string, object[], boolean]>([
  ['In', [expressions(expression('disk', 'In', 'hdd', 'ssd'))], true],
  ['In, another', [expressions(expression('disk', 'In', 'hdd'))], false],
  ['In, no such label', [expressions(expression('zone', 'In', 'a'))], false],
  ['NotIn', [expressions(expression('disk', 'NotIn', 'hdd'))], true],
  ['NotIn, the same', [expressions(expression('disk', 'NotIn', 'ssd'))], false],
  ['NotIn, no such label', [expressions(expression('zone', 'NotIn', 'a'))], true],
  ['Exists', [expressions(expression('disk', 'Exists'))], true],
  ['Exists, no such label', [expressions(expression('zone', 'Exists'))], false],
  ['DoesNotExist', [expressions(expression('disk', 'DoesNotExist'))], false],
  ['DoesNotExist, no such label', [expressions(expression('zone', 'DoesNotExist'))], true],
  ['Gt', [expressions(expression('cores', 'Gt', '7'))], true],
  ['Gt, the same', [expressions(expression('cores', 'Gt', '8'))], false],
  ['Lt', [expressions(expression('cores', 'Lt', '10'))], true],
  ['Lt, the same', [expressions(expression('cores', 'Lt', '8'))], false],
  ['Gt, a label that is no number', [expressions(expression('disk', 'Gt', '1'))], false],
  ['Gt, no number', [expressions(expression('cores', 'Gt', 'few'))], false],
  ['the name', [named('In', 'box')], true],
  ['another name', [named('In', 'other')], false],
  ['any other name', [named('NotIn', 'box')], false],
  ['requirements of which one holds', [expressions(expression('disk', 'Exists'), expression('zone', 'Exists'))], false],
  ['labels and another name', [{ ...expressions(expression('disk', 'Exists')), ...named('In', 'other') }], false],
  ['terms of which one holds', [named('In', 'other'), named('In', 'box')], true],
  ['a term without requirements', [{}], false],
])('a node is required by %s', (_, nodeSelectorTerms, expected) => {
  const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
  const pod = { metadata: {}, spec: { affinity: { nodeAffinity: required }, containers: [] } } as unknown as Pod;
  expect(matchesNode(pod, NODE)).toBe(expected);
});
