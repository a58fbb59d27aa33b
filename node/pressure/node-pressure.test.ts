import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Pod, PodRef } from '../../pod/types.ts';
import type { Runtime } from '../../runtime/port.ts';
import { NodeDirs } from '../dirs.ts';
import { NodePressure } from './node-pressure.ts';
import { PressureState } from './state.ts';
import { type Observations, parseThresholds } from './thresholds.ts';

let directory: string;
let state: PressureState;
let observed: Observations;
/** uids of the Pods that run, and what each has in its emptyDir on disk. */
let running: string[];
let said: string[];
/** What reclaiming makes of what is observed. */
let reclaimed: Observations | undefined;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  directory = mkdtempSync(join(tmpdir(), 'durapod-pressure-'));
  state = new PressureState();
  observed = {};
  running = [];
  said = [];
  reclaimed = undefined;
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true });
});

const disk = (available: number): Observations => ({ 'nodefs.available': { available, capacity: 1000 } });
const memory = (available: number): Observations => ({ 'memory.available': { available, capacity: 1000 } });

function pressure(pods: Record<string, Partial<Pod['spec']>> = {}): NodePressure {
  return new NodePressure({
    thresholds: parseThresholds('memory.available<100,nodefs.available<10%'),
    holdMs: 300_000,
    observe: async () => observed,
    runtime: {
      listSandboxes: async () => running.map((uid) => ({ ready: true, pod: { namespace: 'n', name: uid, uid } })),
      listContainers: async ({ podUid }: { podUid: string }) => {
        if (podUid === 'unmeasured') throw new Error('no list');
        return [];
      },
      usage: async () => new Map(),
    } as unknown as Runtime,
    dirs: new NodeDirs(directory),
    state,
    async pod({ namespace, name, uid }: PodRef) {
      const volumes = [{ name: 'data', emptyDir: {} }];
      const spec = { containers: [{ name: 'main' }], volumes, ...pods[uid] };
      return pods[uid] && ({ metadata: { namespace, name, uid }, spec } as unknown as Pod);
    },
    async reclaimDisk() {
      said.push('reclaims the disk');
      observed = reclaimed ?? observed;
    },
    evict: async ({ namespace, name, uid }, message) =>
      void said.push(`evicts ${namespace}/${name} ${uid}: ${message}`),
    record: ({ type, reason, message }) => void said.push(`${type} ${reason}: ${message}`),
  });
}

async function fill(uid: string, bytes: number): Promise<void> {
  const volume = join(new NodeDirs(directory).volumesDir(uid), 'data');
  await mkdir(volume, { recursive: true });
  await writeFile(join(volume, 'file'), Buffer.alloc(bytes, 1));
}

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

test('where there is enough nothing is said', async () => {
  observed = { ...disk(100), ...memory(100) };
  await pressure().look();
  expect([said, state.now]).toEqual([[], []]);
});

test('a condition comes with a shortage, and goes so long after the last', async () => {
  const node = pressure();
  const { outdated } = state;
  observed = memory(99);
  await node.look();
  expect([state.now, outdated.aborted, state.outdated.aborted]).toEqual([['MemoryPressure'], true, false]);
  later(200_000);
  await node.look();
  observed = memory(100);
  later(300_000);
  await node.look();
  expect(state.now).toEqual(['MemoryPressure']);
  later(1);
  await node.look();
  expect(state.now).toEqual([]);
  expect(said).toEqual([
    'Normal NodeHasInsufficientMemory: Node status is now: NodeHasInsufficientMemory',
    'Warning EvictionThresholdMet: Attempting to reclaim memory',
    'Warning EvictionThresholdMet: Attempting to reclaim memory',
    'Normal NodeHasSufficientMemory: Node status is now: NodeHasSufficientMemory',
  ]);
});

test('what can be reclaimed of the disk is, before a Pod has to go', async () => {
  running = ['a'];
  observed = disk(99);
  reclaimed = disk(100);
  await pressure({ a: {} }).look();
  expect(said.slice(1)).toEqual([
    'Warning EvictionThresholdMet: Attempting to reclaim ephemeral-storage',
    'reclaims the disk',
  ]);
  expect(state.now).toEqual(['DiskPressure']);
});

test('one Pod goes at a time, the next when it is gone, or takes too long', async () => {
  running = ['small', 'others', 'critical', 'unmeasured', 'large'];
  await fill('small', 4096);
  await fill('large', 40_960);
  observed = disk(98);
  const node = pressure({ small: {}, large: {}, unmeasured: {}, critical: { priority: 2_000_000_000 } });
  const evicted = () => said.filter((line) => line.startsWith('evicts')).map((line) => line.split(' ')[1]);
  // The others go on, and it is said what could not be measured.
  await expect(node.look()).rejects.toThrow('no list');
  expect(said.at(-1)).toBe(
    'evicts n/large large: The node was low on resource: ephemeral-storage. Threshold quantity: 100, available: 98. ',
  );
  await node.look();
  expect(evicted()).toEqual(['n/large']);
  later(30_000);
  await expect(node.look()).rejects.toThrow('no list');
  expect(evicted()).toEqual(['n/large', 'n/large']);
  running = running.filter((uid) => uid !== 'large');
  await expect(node.look()).rejects.toThrow('no list');
  expect(evicted()).toEqual(['n/large', 'n/large', 'n/small']);
});
