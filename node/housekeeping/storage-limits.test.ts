import { describe, expect, test } from 'vitest';
import type { Pod } from '../../pod/types.ts';
import { exceeded, storageLimits } from './storage-limits.ts';

const limited = (name: string, storage?: string) => ({
  name,
  ...(storage && { resources: { limits: { 'ephemeral-storage': storage } } }),
});
const pod = (spec: object): Pod => ({ metadata: {}, spec: { containers: [limited('main')], ...spec } }) as Pod;
const emptyDir = (name: string, sizeLimit?: string, medium?: string) => ({ name, emptyDir: { sizeLimit, medium } });

test.each([
  ['no volumes', {}],
  ['an emptyDir without a limit', { volumes: [emptyDir('v')] }],
  ['a limit of 0', { volumes: [emptyDir('v', '0')] }],
  ['another volume', { volumes: [{ name: 'v', configMap: { name: 'c' } }] }],
  ['a Pod critical to the system', { priority: 2_000_001_000, containers: [limited('main', '1Mi')] }],
])('%s: nothing to measure', (_, spec) => {
  expect(storageLimits(pod(spec))).toBe(undefined);
});

test('limits of volumes, of the Pod and of its containers', () => {
  const spec = {
    volumes: [emptyDir('a', '1Mi'), emptyDir('b'), emptyDir('m', '2Mi', 'Memory')],
    containers: [limited('main', '1024Ki'), limited('other', '500')],
  };
  expect(storageLimits(pod(spec))).toEqual({
    volumes: [
      { name: 'a', bytes: 1048576n, text: '1Mi' },
      { name: 'm', bytes: 2097152n, text: '2Mi' },
    ],
    pod: { bytes: 1049076n, text: '1049076' },
    containers: [
      { name: 'main', bytes: 1048576n, text: '1Mi' },
      { name: 'other', bytes: 500n, text: '500' },
    ],
    onDisk: ['a', 'b'],
  });
});

describe('in this order', () => {
  const limits = storageLimits(
    pod({
      volumes: [emptyDir('a', '100'), emptyDir('b'), emptyDir('m', '100', 'Memory')],
      containers: [limited('main', '100'), limited('other', '200')],
    }),
  )!;
  test.each<[string, Record<string, number>, Record<string, number>, string | undefined]>([
    ['nothing is used', {}, {}, undefined],
    ['all is used', { a: 100, m: 100 }, { main: 100, other: 100 }, undefined],
    ['a volume', { a: 101 }, { main: 1000 }, 'Usage of EmptyDir volume "a" exceeds the limit "100". '],
    ['a volume in memory', { m: 101 }, {}, 'Usage of EmptyDir volume "m" exceeds the limit "100". '],
    [
      'the Pod, by a volume without a limit',
      { b: 200 },
      { main: 101 },
      'Pod ephemeral local storage usage exceeds the total limit of containers 300. ',
    ],
    ['not the Pod, by memory', { m: 100 }, { other: 200, main: 100 }, undefined],
    ['a container', {}, { main: 101 }, 'Container main exceeded its local ephemeral storage limit "100". '],
  ])('%s', (_, volumes, containers, message) => {
    const usage = { volumes: new Map(Object.entries(volumes)), containers: new Map(Object.entries(containers)) };
    expect(exceeded(limits, usage)).toBe(message);
  });
});
