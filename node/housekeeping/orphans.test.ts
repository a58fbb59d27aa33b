import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PodRef } from '../../pod/types.ts';
import { NodeDirs } from '../dirs.ts';
import { type Orphans, removeOrphans } from './orphans.ts';
import { podsOnDisk } from './pods-on-disk.ts';

let directory: string;
let dirs: NodeDirs;
let removed: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'durapod-orphans-'));
  dirs = new NodeDirs(directory);
  removed = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

const ref = (namespace: string, uid: string): PodRef => ({ namespace, name: `pod-${uid}`, uid });

async function sweep(options: { minutes?: number } & Partial<Orphans>) {
  const { minutes = 10 } = options;
  await removeOrphans({
    dirs,
    list: async (namespace) => [{ metadata: { namespace, uid: 'known' } }],
    hasWorkflow: async ({ uid }) => uid === 'slow',
    remove: async ({ uid }) => void removed.push(uid),
    log: { warn() {} },
    now: () => Date.now() + minutes * 60_000,
    ...options,
  });
}

test('a Pod without object and workflow is removed; one with either stays', async () => {
  for (const pod of [ref('a', 'known'), ref('a', 'gone'), ref('b', 'slow'), ref('b', 'lost')]) {
    await mkdir(dirs.podLogs(pod), { recursive: true });
  }
  await mkdir(join(dirs.logs, 'not-a-pod'));
  expect((await podsOnDisk(dirs)).map(({ uid }) => uid).sort()).toEqual(['gone', 'known', 'lost', 'slow']);
  await sweep({});
  expect(removed.sort()).toEqual(['gone', 'lost']);
});

test('nothing is removed that is young, or of which nobody knows', async () => {
  expect(await podsOnDisk(dirs)).toEqual([]);
  await mkdir(dirs.podLogs(ref('a', 'gone')), { recursive: true });
  await sweep({ minutes: 0 });
  await expect(sweep({ list: () => Promise.reject(new Error('the API is away')) })).rejects.toThrow('the API is away');
  await expect(sweep({ hasWorkflow: () => Promise.reject(new Error('Temporal is away')) })).rejects.toThrow('Temporal');
  expect(removed).toEqual([]);
});

test('one that cannot be removed keeps no other from it', async () => {
  for (const uid of ['u1', 'u2', 'u3']) await mkdir(dirs.podLogs(ref('a', uid)), { recursive: true });
  const remove = async ({ uid }: PodRef) => {
    removed.push(uid);
    if (uid === 'u1') throw new Error('u1 is busy');
  };
  await expect(sweep({ remove })).rejects.toThrow('u1 is busy');
  expect(removed.sort()).toEqual(['u1', 'u2', 'u3']);
});
