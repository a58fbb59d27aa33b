import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { link, mkdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Pod, PodRef } from '../../pod/types.ts';
import { containerSpec, sandboxSpec } from '../../runtime/fixtures.ts';
import type { Runtime } from '../../runtime/port.ts';
import { openSimRuntime } from '../../runtime/sim/runtime.ts';
import { NodeDirs } from '../dirs.ts';
import { makeDeepTree } from '../volumes/test-trees.ts';
import { diskUsage } from './disk-usage.ts';
import { StorageWatch } from './storage-watch.ts';

let directory: string;
let dirs: NodeDirs;
let runtime: Runtime;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'durapod-storage-'));
  dirs = new NodeDirs(directory);
  runtime = openSimRuntime({ images: { present: ['busybox:v1'] } });
});
afterEach(async () => {
  for (const { id } of await runtime.listSandboxes({})) await runtime.removeSandbox(id);
  execFileSync('rm', ['-rf', directory]);
});

test('what a directory takes: blocks, hard links once, what links lead to not at all', async () => {
  const before = await diskUsage(directory);
  await writeFile(join(directory, 'file'), Buffer.alloc(100_000, 1));
  await link(join(directory, 'file'), join(directory, 'again'));
  await symlink('/', join(directory, 'root'));
  const after = await diskUsage(directory);
  expect(after.bytes - before.bytes).toBeGreaterThanOrEqual(100_000);
  expect(after.bytes - before.bytes).toBeLessThan(120_000);
  expect(after.inodes - before.inodes).toBe(2);
  expect(await diskUsage(join(directory, 'none'))).toEqual({ bytes: 0, inodes: 0 });
});

test('what a name hides from a path counts: one that is no text, one at the end of too long a path', async () => {
  const before = await diskUsage(directory);
  await writeFile(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xff])]), Buffer.alloc(100_000, 1));
  const named = await diskUsage(directory);
  expect(named.bytes - before.bytes).toBeGreaterThanOrEqual(100_000);
  makeDeepTree(directory, 100_000);
  const deep = await diskUsage(directory);
  expect(deep.bytes - named.bytes).toBeGreaterThanOrEqual(100_000 + 40 * 4096);
  expect(deep.inodes - named.inodes).toBeGreaterThan(40);
});

test('measures what declares a limit, as long as it runs, and evicts what is over it', async () => {
  const limits = { 'ephemeral-storage': '50k' };
  const specs: Record<string, object> = {
    volume: { containers: [{ name: 'main' }], volumes: [{ name: 'data', emptyDir: { sizeLimit: '50k' } }] },
    layer: { containers: [{ name: 'main', resources: { limits } }, { name: 'idle' }] },
    free: { containers: [{ name: 'main' }], volumes: [{ name: 'data', emptyDir: {} }] },
    modest: { containers: [{ name: 'main', resources: { limits } }] },
  };
  const asked: string[] = [];
  const evicted: string[] = [];
  const heard = Promise.withResolvers<void>();
  const watch = new StorageWatch({
    runtime,
    dirs,
    pod: async ({ uid }: PodRef) => {
      asked.push(uid);
      return { metadata: { uid }, spec: specs[uid] } as unknown as Pod;
    },
    evict: (pod, message) => {
      evicted.push(`${pod.uid}: ${message}`);
      return heard.promise;
    },
  });
  const sandboxes = new Map<string, string>();
  for (const uid of Object.keys(specs)) {
    const pod = { namespace: 'default', name: uid, uid };
    const spec = sandboxSpec(directory, { pod, logDirectory: dirs.podLogs(pod) });
    const { id } = await runtime.runSandbox(spec);
    sandboxes.set(uid, id);
    const text = uid === 'layer' ? 'x'.repeat(60_000) : 'x';
    const command = ['sh', '-c', `echo ${text} > /tmp/file; sleep 100`];
    const container = await runtime.createContainer(id, containerSpec(spec, 'busybox:v1', command), spec);
    await runtime.startContainer(container);
    const volume = join(dirs.volumesDir(uid), 'data');
    await mkdir(volume, { recursive: true });
    await writeFile(join(volume, 'file'), Buffer.alloc(100_000, 1));
  }
  await expect
    .poll(async () => (await runtime.usage({ podUid: 'layer' })).values().next().value?.writtenBytes)
    .toBe(60_001);
  const both = [
    'volume: Usage of EmptyDir volume "data" exceeds the limit "50k". ',
    'layer: Pod ephemeral local storage usage exceeds the total limit of containers 50k. ',
  ];
  await watch.measure();
  await watch.measure();
  // Once, as long as the workflow has not heard of it; and again if it still runs after that.
  expect(evicted).toEqual(both);
  expect(asked.sort()).toEqual(['free', 'layer', 'modest', 'volume']);
  heard.resolve();
  await heard.promise;
  await new Promise(setImmediate);
  await runtime.stopSandbox(sandboxes.get('volume')!);
  await watch.measure();
  expect(evicted).toEqual([...both, both[1]]);
  expect(asked.length).toBe(4);
});

test('a Pod that cannot be measured, or whose limits cannot be read, keeps no other from its limits', async () => {
  const evicted: string[] = [];
  const running = ['unread', 'unmeasured', 'over'].map((uid) => ({
    ready: true,
    pod: { uid, name: uid, namespace: 'n' },
  }));
  const watch = new StorageWatch({
    dirs,
    runtime: {
      listSandboxes: async () => running,
      listContainers: async ({ podUid }: { podUid: string }) => {
        if (podUid === 'unmeasured') throw new Error('no list');
        return [];
      },
      usage: async () => new Map(),
    } as unknown as Runtime,
    pod: async ({ uid }) => {
      if (uid === 'unread') throw new Error('no Pod');
      const resources = uid === 'unmeasured' ? { limits: { 'ephemeral-storage': '50k' } } : {};
      const volumes = [{ name: 'data', emptyDir: { sizeLimit: '50k' } }];
      return { metadata: { uid }, spec: { containers: [{ name: 'main', resources }], volumes } } as unknown as Pod;
    },
    evict: async ({ uid }) => void evicted.push(uid),
  });
  const volume = join(dirs.volumesDir('over'), 'data');
  await mkdir(volume, { recursive: true });
  await writeFile(join(volume, 'file'), Buffer.alloc(100_000, 1));
  await expect(watch.measure()).rejects.toThrow('no Pod (and 1 more)');
  expect(evicted).toEqual(['over']);
});
