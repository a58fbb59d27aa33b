import { describe, expect, test } from 'vitest';
import { testSchema } from '../testing.ts';
import { strategicMerge } from './strategic-merge.ts';

const schema = await testSchema();
const pod = schema.type('io.k8s.api.core.v1.Pod');

const base = {
  metadata: { labels: { a: '1', b: '2' }, finalizers: ['f/1', 'f/2'] },
  spec: {
    containers: [
      { name: 'x', image: 'x:1', args: ['a', 'b'], env: [{ name: 'E', value: '1' }] },
      { name: 'y', image: 'y:1' },
    ],
    volumes: [{ name: 'v', emptyDir: { medium: 'Memory' } }],
    nodeSelector: { a: 'b' },
  },
};

interface Row {
  name: string;
  patch: Record<string, unknown>;
  /** What is other than in the base. */
  metadata?: object;
  spec?: object;
}

const [x, y] = base.spec.containers;

const rows: Row[] = [
  { name: 'nothing', patch: {} },
  {
    name: 'maps merge, null removes',
    patch: { metadata: { labels: { a: null, c: '3' } } },
    metadata: { labels: { b: '2', c: '3' } },
  },
  {
    name: 'a list with a key merges by it, and keeps its order',
    patch: { spec: { containers: [{ name: 'y', image: 'y:2' }] } },
    spec: { containers: [x, { name: 'y', image: 'y:2' }] },
  },
  {
    name: 'a new item comes before those that the patch does not name',
    patch: { spec: { containers: [{ name: 'z', image: 'z:1' }] } },
    spec: { containers: [{ name: 'z', image: 'z:1' }, x, y] },
  },
  {
    name: 'the order can be set',
    patch: { spec: { '$setElementOrder/containers': [{ name: 'y' }, { name: 'x' }] } },
    spec: { containers: [y, x] },
  },
  {
    name: 'the order is set with new items',
    patch: {
      spec: {
        '$setElementOrder/containers': [{ name: 'x' }, { name: 'y' }, { name: 'z' }],
        containers: [{ name: 'z', image: 'z:1' }],
      },
    },
    spec: { containers: [x, y, { name: 'z', image: 'z:1' }] },
  },
  {
    name: 'an item is deleted',
    patch: { spec: { containers: [{ $patch: 'delete', name: 'x' }] } },
    spec: { containers: [y] },
  },
  {
    name: 'a list is replaced',
    patch: { spec: { containers: [{ $patch: 'replace' }, { name: 'z', image: 'z:1' }] } },
    spec: { containers: [{ name: 'z', image: 'z:1' }] },
  },
  {
    name: 'a nested list merges by its own key',
    patch: { spec: { containers: [{ name: 'x', env: [{ name: 'F', value: '2' }] }] } },
    spec: {
      containers: [
        {
          ...x,
          env: [
            { name: 'F', value: '2' },
            { name: 'E', value: '1' },
          ],
        },
        y,
      ],
    },
  },
  {
    name: 'a list without a key is replaced',
    patch: { spec: { containers: [{ name: 'x', args: ['c'] }] } },
    spec: { containers: [{ ...x, args: ['c'] }, y] },
  },
  {
    name: 'a list of words merges as a set',
    patch: { metadata: { finalizers: ['f/3', 'f/1'] } },
    metadata: { finalizers: ['f/3', 'f/1', 'f/2'] },
  },
  {
    name: 'words are taken out of it',
    patch: { metadata: { '$deleteFromPrimitiveList/finalizers': ['f/1'] } },
    metadata: { finalizers: ['f/2'] },
  },
  {
    name: 'only the keys that are retained stay',
    patch: { spec: { volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }] } },
    spec: { volumes: [{ name: 'v', hostPath: { path: '/x' } }] },
  },
  {
    name: 'a map is replaced',
    patch: { spec: { nodeSelector: { $patch: 'replace', c: 'd' } } },
    spec: { nodeSelector: { c: 'd' } },
  },
  {
    name: 'a map is emptied',
    patch: { spec: { nodeSelector: { $patch: 'delete' } } },
    spec: { nodeSelector: {} },
  },
  {
    name: 'what is new is taken without nulls and directives',
    patch: { spec: { securityContext: { runAsUser: 1, runAsGroup: null, $retainKeys: ['runAsUser'] } } },
    spec: { securityContext: { runAsUser: 1 } },
  },
];

describe('strategic merge', () => {
  test.each(rows)('$name', ({ patch, metadata, spec }) => {
    const before = structuredClone(base);
    expect(strategicMerge(pod, base, patch)).toEqual({
      metadata: { ...base.metadata, ...metadata },
      spec: { ...base.spec, ...spec },
    });
    expect(base).toEqual(before);
  });

  test.each([
    [{ $patch: 'perhaps' }, 'unknown directive $patch: "perhaps"'],
    [{ spec: { containers: [{ image: 'a' }] } }, 'an item of the patch has no name, by which its list merges'],
    [{ spec: { containers: ['a'] } }, 'items of a list that merges by name must be objects'],
    [
      { spec: { $retainKeys: ['x'], hostNetwork: true } },
      '$retainKeys does not list hostNetwork, which the patch sets',
    ],
    [{ spec: { $retainKeys: 'x' } }, '$retainKeys must be a list'],
  ])('%j is refused', (patch, message) => {
    expect(() => strategicMerge(pod, base, patch)).toThrow(message);
  });
});
