import { expect, test } from 'vitest';
import type { Pod } from '../../pod/types.ts';
import { type Candidate, evictionMessage, evictionOrder } from './ranking.ts';
import type { Shortage } from './thresholds.ts';

const MI = 2 ** 20;
const none = { bytes: 0, inodes: 0 };

/** A Pod of one container, which uses and asks for so many MiB of memory. */
function memoryPod(name: string, used: number, asked?: number, priority?: number): Candidate {
  const requests = asked === undefined ? undefined : { memory: `${asked}Mi` };
  const spec = { priority, containers: [{ name: 'main', resources: { requests } }] };
  const pod = { metadata: { name }, spec } as unknown as Pod;
  return { pod, containers: [{ name: 'main', memory: used * MI, disk: none }], volumes: none };
}

/** … which takes so many MiB, and files, of the disk, and as much again in a volume. */
function diskPod(name: string, mebibytes: number, inodes: number): Candidate {
  const use = { bytes: mebibytes * MI, inodes };
  const { pod } = memoryPod(name, 0);
  return { pod, containers: [{ name: 'main', memory: 0, disk: use }], volumes: use };
}

const names = (order: Candidate[]) => order.map(({ pod }) => pod.metadata.name);

test.each<[string, Candidate[], string[]]>([
  ['more than it asked for', [memoryPod('within', 90, 100), memoryPod('above', 11, 10)], ['above', 'within']],
  ['most above what it asked for', [memoryPod('a', 50, 40), memoryPod('b', 30)], ['b', 'a']],
  ['least important', [memoryPod('large', 500, 0, 10), memoryPod('small', 5, 0, 1)], ['small', 'large']],
  [
    'more than it asked for, though it is more important',
    [memoryPod('within', 5, 10, 0), memoryPod('above', 20, 10, 100)],
    ['above', 'within'],
  ],
])('of memory, first goes who uses %s', (_, candidates, order) => {
  expect(names(evictionOrder(candidates, 'memory'))).toEqual(order);
  expect(names(evictionOrder(candidates.toReversed(), 'memory'))).toEqual(order);
});

test('of the disk, volumes count as well; of its inodes, files', () => {
  const candidates = [diskPod('bytes', 10, 5), diskPod('files', 5, 10)];
  expect(names(evictionOrder(candidates, 'ephemeral-storage'))).toEqual(['bytes', 'files']);
  expect(names(evictionOrder(candidates, 'inodes'))).toEqual(['files', 'bytes']);
});

test('of processes, only how important it is counts', () => {
  const candidates = [memoryPod('large', 500, 0, 10), memoryPod('small', 5, 0, 1)];
  expect(names(evictionOrder(candidates, 'pids'))).toEqual(['small', 'large']);
});

test('what is said of it', () => {
  const shortage = (resource: Shortage['resource']) =>
    ({ resource, threshold: '100Mi', available: '50Mi' }) as Shortage;
  const low = (resource: string) =>
    `The node was low on resource: ${resource}. Threshold quantity: 100Mi, available: 50Mi. `;
  expect(evictionMessage(memoryPod('a', 20, 10), shortage('memory'))).toBe(
    `${low('memory')}Container main was using 20Mi, request is 10Mi, has larger consumption of memory. `,
  );
  expect(evictionMessage(memoryPod('a', 5, 10), shortage('memory'))).toBe(low('memory'));
  expect(evictionMessage(diskPod('a', 3, 7), shortage('ephemeral-storage'))).toBe(
    `${low('ephemeral-storage')}Container main was using 3Mi, request is 0, has larger consumption of ephemeral-storage. `,
  );
  expect(evictionMessage(memoryPod('a', 5), shortage('pids'))).toBe(low('pids'));
});
