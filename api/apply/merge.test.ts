import { expect, test } from 'vitest';
import { testSchema } from '../testing.ts';
import { difference, type FieldsV1, fromFieldsV1, none, paths, toFieldsV1, union } from './field-set.ts';
import { compare, fieldsOf } from './fields-of.ts';
import { merged, pruned } from './merge.ts';

const pod = (await testSchema()).type('io.k8s.api.core.v1.Pod');
const named = (...names: string[]) => ({ spec: { containers: names.map((name) => ({ name })) } });

test.each([
  ['the order of the configuration', named('a', 'b'), named('b', 'a'), named('b', 'a')],
  ['new items where they stand', named('a', 'c'), named('a', 'b', 'c'), named('a', 'b', 'c')],
  [
    "others' items before those they stood before",
    named('x', 'a', 'y', 'b'),
    named('a', 'b'),
    named('x', 'a', 'y', 'b'),
  ],
  ["others' items at the end", named('a', 'y'), named('a', 'b'), named('a', 'b', 'y')],
  [
    'maps are merged',
    { metadata: { labels: { a: '1' } } },
    { metadata: { labels: { b: '2' } } },
    { metadata: { labels: { a: '1', b: '2' } } },
  ],
  [
    'what is atomic is replaced',
    { spec: { nodeSelector: { a: '1' }, containers: [{ name: 'a', args: ['x'] }] } },
    { spec: { nodeSelector: { b: '2' }, containers: [{ name: 'a', args: ['y'] }] } },
    { spec: { nodeSelector: { b: '2' }, containers: [{ name: 'a', args: ['y'] }] } },
  ],
])('%s', (_, live, config, result) => {
  expect(merged(pod, live, config)).toEqual(result);
});

test('what is taken out goes with what it leaves empty, but not where others keep something', () => {
  const value = { metadata: { labels: { a: '1' } }, spec: { containers: [{ name: 'a', image: 'i' }, { name: 'b' }] } };
  const gone = fieldsOf(pod, value);
  expect(pruned(pod, value, gone, none)).toEqual({});
  const kept = fromFieldsV1({ 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { 'f:image': {} } } } });
  expect(pruned(pod, value, difference(gone, kept), kept)).toEqual({
    spec: { containers: [{ name: 'a', image: 'i' }] },
  });
  const labels = fromFieldsV1({ 'f:metadata': { 'f:labels': { 'f:a': {} } } });
  expect(pruned(pod, value, labels, none)).toEqual({ spec: value.spec });
});

test('a comparison tells what changed and what is no more', () => {
  const before = { metadata: { labels: { a: '1', b: '2' } }, spec: { containers: [{ name: 'a', image: 'i' }] } };
  const after = { metadata: { labels: { a: '2' } }, spec: { containers: [{ name: 'a', image: 'i' }, { name: 'b' }] } };
  const { changed, removed } = compare(pod, before, after);
  expect([paths(changed), paths(removed)]).toEqual([
    ['.metadata.labels.a', '.spec.containers[name="b"]', '.spec.containers[name="b"].name'],
    ['.metadata.labels.b'],
  ]);
});

test('a set is written as it was read', () => {
  const fields: FieldsV1 = {
    'f:data': { '.': {}, 'f:x': {} },
    'f:list': { 'v:"a"': {}, 'k:{"port":80}': { '.': {}, 'f:port': {} } },
  };
  expect(toFieldsV1(fromFieldsV1(fields))).toEqual(fields);
  expect(toFieldsV1(union(fromFieldsV1({ 'f:a': {} }), fromFieldsV1({ 'f:a': { 'f:b': {} } })))).toEqual({
    'f:a': { '.': {}, 'f:b': {} },
  });
});
