import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { KubeObject, Pod } from '../../pod/types.ts';
import { NodeDirs } from '../dirs.ts';
import { mountsBelow } from './mounts.ts';
import { prepareVolumes } from './prepare.ts';
import { VolumeRefresher } from './refresher.ts';
import { teardownVolumes } from './teardown.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'refresher-'));
});
afterAll(() => rm(root, { recursive: true }));

test('a ConfigMap that changes reaches the volume, one that is gone leaves it as it is', async () => {
  const pod = {
    metadata: { namespace: 'n', name: 'p', uid: 'u1' },
    spec: { containers: [], volumes: [{ name: 'v', configMap: { name: 'c' } }] },
  } as unknown as Pod;
  let config: KubeObject | undefined = { metadata: {}, data: { key: 'old' } };
  const said: string[] = [];
  const options = {
    dirs: new NodeDirs(root),
    allocatable: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '1Gi' },
    read: async () => config,
    serviceAccountToken: async () => '',
    pod: async () => pod,
    log: { warn: (_: object, message: string) => void said.push(message) },
    everyMs: 5,
  };
  await prepareVolumes(pod, options);
  const shown = () => readFile(join(options.dirs.volumesDir('u1'), 'v', 'key'), 'utf8');
  const refresher = new VolumeRefresher(options);
  const stop = new AbortController();
  const running = refresher.run(stop.signal);
  try {
    refresher.watch(pod);
    config = { metadata: {}, data: { key: 'new' } };
    await vi.waitFor(async () => expect(await shown()).toBe('new'));
    config = undefined;
    await vi.waitFor(() => expect(said).toEqual(['a volume keeps its old content for now']));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect({ said: said.length, shown: await shown() }).toEqual({ said: 1, shown: 'new' });
  } finally {
    stop.abort();
    await running;
  }
});

test('a preparation that does not end keeps no other Pod from its refresh', async () => {
  const podWith = (uid: string, configMap: string) =>
    ({
      metadata: { namespace: 'n', name: uid, uid },
      spec: { containers: [], volumes: [{ name: 'v', configMap: { name: configMap } }] },
    }) as unknown as Pod;
  const pods = { stuck: podWith('stuck', 'away'), other: podWith('other', 'here') };
  const away = Promise.withResolvers<KubeObject>();
  let refreshes = 0;
  const refresher = new VolumeRefresher({
    dirs: new NodeDirs(root),
    allocatable: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '1Gi' },
    read: (_resource, _namespace, name) => {
      if (name === 'away') return away.promise;
      refreshes++;
      return Promise.resolve({ metadata: {}, data: { key: 'value' } });
    },
    serviceAccountToken: async () => '',
    pod: async ({ uid }) => pods[uid as keyof typeof pods],
    log: { warn() {} },
    everyMs: 5,
  });
  for (const pod of Object.values(pods)) refresher.watch(pod);
  const stop = new AbortController();
  const running = refresher.run(stop.signal);
  const preparing = refresher.prepare(pods.stuck);
  try {
    await vi.waitFor(() => expect(refreshes).toBeGreaterThan(3));
  } finally {
    stop.abort();
    away.resolve({ metadata: {}, data: {} });
    await Promise.all([running, preparing]);
  }
});

test.each(['a refresh', 'a preparation'])(
  '%s under way is over once its Pod is forgotten, and none follows',
  async (what) => {
    const pod = {
      metadata: { namespace: 'n', name: 'p', uid: 'u2' },
      spec: { containers: [], volumes: [{ name: 'v', secret: { secretName: 's' } }] },
    } as unknown as Pod;
    const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<KubeObject>()];
    const options = {
      dirs: new NodeDirs(root),
      allocatable: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '1Gi' },
      read: () => {
        asked.resolve();
        return answer.promise;
      },
      serviceAccountToken: async () => '',
      pod: async () => pod,
      log: { warn() {} },
      everyMs: 5,
    };
    const refresher = new VolumeRefresher(options);
    const stop = new AbortController();
    const running = what === 'a refresh' ? refresher.run(stop.signal) : refresher.prepare(pod);
    if (what === 'a refresh') refresher.watch(pod);
    await asked.promise;
    const removal = refresher.forget('u2').then(() => teardownVolumes('u2', options.dirs));
    answer.resolve({ metadata: {}, data: { key: Buffer.from('secret').toString('base64') } });
    await removal;
    await new Promise((resolve) => setTimeout(resolve, 30));
    stop.abort();
    await running;
    expect([await mountsBelow(root), existsSync(options.dirs.podDir('u2'))]).toEqual([[], false]);
  },
);
