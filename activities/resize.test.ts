import { MockActivityEnvironment } from '@temporalio/testing';
import { beforeEach, expect, test } from 'vitest';
import type { ResizeInput, ResizeResult } from '../pod/contract.ts';
import { defaultPod } from '../pod/defaults.ts';
import type { Pod } from '../pod/types.ts';
import { type ContainerResources, RuntimeError } from '../runtime/port.ts';
import type { NodeContext } from './node-context.ts';
import { resizeContainers } from './resize.ts';

const ref = { namespace: 'default', name: 'web', uid: 'uid-1' };
const pod = defaultPod({
  metadata: ref,
  spec: {
    containers: [
      { name: 'a', image: 'i', resources: { requests: { cpu: '100m' } } },
      { name: 'b', image: 'i' },
    ],
  },
} as Pod);

/** What the runtime was told, and how it answers. */
let told: [string, ContainerResources][];
let usage: number | undefined;
let refuses: string | undefined;
let state: string;
let stored: Pod | undefined;
beforeEach(() => {
  told = [];
  usage = 1000;
  refuses = undefined;
  state = 'running';
  stored = pod;
});

const node = {
  allocatable: { cpu: '2', memory: '1Gi' },
  restrictOom: false,
  api: { pod: async () => stored },
  runtime: {
    usage: async ({ id }: { id: string }) => new Map([[id, { memoryBytes: usage }]]),
    containerStatus: async () => ({ state }),
    async updateResources(id: string, resources: ContainerResources) {
      if (id === refuses) throw new RuntimeError('Failed', 'device or resource busy');
      told.push([id, resources]);
    },
  },
} as unknown as NodeContext;

const one = (container: string, resources: object, lowersMemory = false) => ({
  container,
  containerId: `sim://id-${container}`,
  resources,
  lowersMemory,
});
const resize = (...containers: ResizeInput['containers']): Promise<ResizeResult> =>
  new MockActivityEnvironment().run(() => resizeContainers(node, { pod: ref, containers }));

test('gives containers what they were granted, whatever the Pod wants by now', async () => {
  const granted = { requests: { cpu: '500m' }, limits: { cpu: '1', memory: '1Mi' } };
  expect(await resize(one('a', granted), one('b', { requests: { cpu: '1' } }))).toEqual({ updated: ['a', 'b'] });
  expect(told).toEqual([
    [
      'id-a',
      { cpuShares: 512, cpuPeriodUs: 100_000, cpuQuotaUs: 100_000, memoryLimitBytes: 1_048_576, oomScoreAdj: 999 },
    ],
    ['id-b', { cpuShares: 1024, cpuPeriodUs: 100_000, oomScoreAdj: 999 }],
  ]);
});

test('changes nothing when a container uses more memory than it is to have', async () => {
  usage = 2048;
  const granted = { limits: { memory: '2Ki' } };
  const error =
    'cannot decrease memory limits: attempting to set container "b" memory limit (2048) below current usage (2048)';
  expect(await resize(one('a', granted), one('b', granted, true))).toEqual({ updated: [], error });
  usage = undefined;
  expect(await resize(one('b', granted, true))).toEqual({
    updated: [],
    error: 'cannot decrease memory limits: the runtime does not say how much memory container "b" uses',
  });
  expect(told).toEqual([]);
});

test('says which container the runtime refused; one that has ended needs nothing', async () => {
  refuses = 'id-a';
  expect(await resize(one('a', {}), one('b', {}))).toEqual({
    updated: ['b'],
    error: 'container a: device or resource busy',
  });
  state = 'exited';
  usage = undefined;
  expect(await resize(one('a', { limits: { memory: '1' } }, true))).toEqual({ updated: ['a'] });
  stored = undefined;
  expect(await resize(one('a', {}))).toEqual({ updated: [], error: 'the Pod is not in the store any more' });
});
