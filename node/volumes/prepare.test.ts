import { spawn } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KubeObject, Volume } from '../../pod/types.ts';
import { NodeDirs } from '../dirs.ts';
import { testPod } from '../spec/test-pod.ts';
import {
  prepareVolumes,
  refreshVolumes,
  type TokenRequest,
  teardownVolumes,
  type VolumeContext,
  VolumeError,
  volumePath,
} from './index.ts';
import { bindMount, canMount, isMountPoint, mountsBelow } from './mounts.ts';

let root: string;
let dirs: NodeDirs;
let objects: Record<string, Omit<KubeObject, 'metadata'>>;
let tokens: TokenRequest[];
let ctx: VolumeContext;

beforeEach(async () => {
  if (!(await canMount())) throw new Error('these tests mount: run them as root');
  root = await realpath(await mkdtemp(join(tmpdir(), 'durapod-volumes-')));
  dirs = new NodeDirs(root);
  objects = {};
  tokens = [];
  ctx = {
    dirs,
    read: async (resource, namespace, name) => {
      const object = objects[`${resource}/${namespace}/${name}`];
      return object && { metadata: { name, namespace }, ...object };
    },
    allocatable: { cpu: '2', memory: '4Gi', 'ephemeral-storage': '10Gi' },
    serviceAccountToken: async (request) => {
      tokens.push(request);
      return 'the-token';
    },
  };
});
afterEach(async () => {
  await teardownVolumes('uid-1', dirs);
  await rm(root, { recursive: true });
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const pod = (volumes: Volume[], securityContext = {}) => testPod({ volumes, securityContext });
const at = (...parts: string[]): string => join(root, 'pods/uid-1/volumes', ...parts);
const text = (...parts: string[]): Promise<string> => readFile(at(...parts), 'utf8');
const mode = async (...parts: string[]): Promise<string> => ((await stat(at(...parts))).mode & 0o7777).toString(8);

describe('emptyDir', () => {
  test('on disk, for all to write, kept when the call is repeated', async () => {
    const spec = pod([{ name: 'v', emptyDir: {} }]);
    await prepareVolumes(spec, ctx);
    expect([volumePath(spec, 'v', dirs), await mode('v')]).toEqual([at('v'), '777']);
    await writeFile(at('v', 'file'), 'kept');
    await chmod(at('v'), 0o700);
    await prepareVolumes(spec, ctx);
    expect([await text('v', 'file'), await mode('v')]).toEqual(['kept', '700']);
    expect(await readdir(at())).toEqual(['v']);
  });

  test.each([
    ['', '2777'],
    ['Memory', '3777'],
  ])('of a group, medium %j', async (medium, expected) => {
    await prepareVolumes(pod([{ name: 'v', emptyDir: { medium } }], { fsGroup: 4321 }), ctx);
    expect([await mode('v'), (await stat(at('v'))).gid]).toEqual([expected, 4321]);
  });

  test('in memory, bounded, mounted once', async () => {
    const spec = pod([{ name: 'v', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }]);
    await Promise.all([prepareVolumes(spec, ctx), prepareVolumes(spec, ctx)]);
    expect([await mountsBelow(root), await mode('v')]).toEqual([[at('v')], '1777']);
    await writeFile(at('v', 'half'), Buffer.alloc(2 ** 19));
    await expect(writeFile(at('v', 'more'), Buffer.alloc(2 ** 20))).rejects.toThrow('ENOSPC');
  });
});

describe('hostPath', () => {
  const setUp = (path: string, type?: string) => prepareVolumes(pod([{ name: 'v', hostPath: { path, type } }]), ctx);

  test('what is there, or is made', async () => {
    await setUp(join(root, 'made/dir'), 'DirectoryOrCreate');
    await setUp(join(root, 'made/dir'), 'Directory');
    await setUp(join(root, 'made/file'), 'FileOrCreate');
    await setUp(join(root, 'made/file'), 'File');
    await setUp('/dev/null', 'CharDevice');
    await setUp(join(root, 'not/there'));
    expect(await readdir(join(root, 'made'))).toEqual(['dir', 'file']);
    expect(volumePath(pod([{ name: 'v', hostPath: { path: '/x' } }]), 'v', dirs)).toBe('/x');
  });

  test('a socket', async () => {
    const path = join(root, 'socket');
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    await setUp(path, 'Socket');
    server.close();
  });

  test.each([
    ['/dev/null', 'Directory', 'hostPath type check failed: /dev/null is not a directory'],
    ['/dev/null', 'DirectoryOrCreate', 'hostPath type check failed: /dev/null is not a directory'],
    ['/dev', 'FileOrCreate', 'hostPath type check failed: /dev is not a file'],
    ['/not/there', 'Socket', 'hostPath type check failed: /not/there is not a socket file'],
    ['/dev/null', 'BlockDevice', 'hostPath type check failed: /dev/null is not a block device'],
    ['/a/../b', '', "invalid HostPath `/a/../b`: must not contain '..'"],
    ['a', '', 'invalid HostPath `a`: must be an absolute path'],
    ['/dev', 'Pipe', 'hostPath type "Pipe" is not one of Directory, File, Socket, CharDevice, BlockDevice'],
  ])('%s is no %s', async (path, type, detail) => {
    await expect(setUp(path, type)).rejects.toThrow(`MountVolume.SetUp failed for volume "v" : ${detail}`);
  });
});

describe('content of the API', () => {
  test('a ConfigMap on disk, a Secret in memory', async () => {
    objects['configmaps/shop/c'] = { data: { a: '1' } };
    objects['secrets/shop/s'] = { data: { a: base64('2') } };
    await prepareVolumes(
      pod([
        { name: 'c', configMap: { name: 'c', items: [{ key: 'a', path: 'x/y', mode: 0o640 }] } },
        { name: 's', secret: { secretName: 's', defaultMode: 0o400 } },
      ]),
      ctx,
    );
    expect([await text('c/x/y'), await mode('c/x/y')]).toEqual(['1', '640']);
    expect([await text('s/a'), await mode('s/a')]).toEqual(['2', '400']);
    expect([await isMountPoint(at('c')), await isMountPoint(at('s'))]).toEqual([false, true]);
  });

  test('fields of the Pod', async () => {
    const spec = testPod(
      {
        volumes: [
          {
            name: 'd',
            downwardAPI: {
              items: [
                { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
                { path: 'limits/cpu', resourceFieldRef: { containerName: 'main', resource: 'limits.cpu' } },
              ],
            },
          },
        ],
      },
      { labels: { app: 'web' } },
    );
    await prepareVolumes(spec, ctx);
    expect([await text('d/labels'), await text('d/limits/cpu')]).toEqual(['app="web"', '2']);
  });

  test("a ServiceAccount's volume", async () => {
    objects['configmaps/shop/kube-root-ca.crt'] = { data: { 'ca.crt': 'CA' } };
    const sources = [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3607, audience: 'vault' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
    ];
    await prepareVolumes(pod([{ name: 't', projected: { sources, defaultMode: 0o644 } }], { fsGroup: 4321 }), ctx);
    expect([await text('t/token'), await text('t/ca.crt'), await text('t/namespace')]).toEqual([
      'the-token',
      'CA',
      'shop',
    ]);
    expect([await mode('t/token'), (await stat(at('t/token'))).gid, await isMountPoint(at('t'))]).toEqual([
      '640',
      4321,
      true,
    ]);
    expect(tokens).toEqual([
      {
        pod: { namespace: 'shop', name: 'web', uid: 'uid-1' },
        serviceAccountName: 'default',
        audience: 'vault',
        expirationSeconds: 3607,
      },
    ]);
  });

  test('places for mounts inside it', async () => {
    objects['configmaps/shop/c'] = { data: { a: '1' } };
    const volumes = [
      { name: 'c', configMap: { name: 'c' } },
      { name: 'e', emptyDir: {} },
    ];
    const volumeMounts = [
      { name: 'c', mountPath: '/c' },
      { name: 'e', mountPath: '/c/inside' },
    ];
    await prepareVolumes(testPod({ volumes, containers: [{ name: 'main', volumeMounts }] }), ctx);
    expect((await lstat(at('c/inside'))).isDirectory()).toBe(true);
  });

  test('a refresh brings changes, and says so', async () => {
    objects['configmaps/shop/c'] = { data: { a: '1', gone: '' } };
    const spec = pod([
      { name: 'c', configMap: { name: 'c' } },
      { name: 'e', emptyDir: {} },
    ]);
    await prepareVolumes(spec, ctx);
    expect(await refreshVolumes(spec, ctx)).toBe(false);
    objects['configmaps/shop/c'] = { data: { a: '2' } };
    expect(await refreshVolumes(spec, ctx)).toBe(true);
    expect([await text('c/a'), (await readdir(at('c'))).filter((name) => !name.startsWith('..'))]).toEqual([
      '2',
      ['a'],
    ]);
    delete objects['configmaps/shop/c'];
    await expect(refreshVolumes(spec, ctx)).rejects.toThrow('configmap "c" not found');
    expect(await text('c/a')).toBe('2');
  });
});

describe('what stands in the way', () => {
  test.each<[Volume, string]>([
    [{ name: 'v', configMap: { name: 'gone' } }, 'configmap "gone" not found'],
    [{ name: 'v', secret: { secretName: 'gone' } }, 'secret "gone" not found'],
    [
      { name: 'v', configMap: { name: 'there', items: [{ key: 'x', path: 'x' }] } },
      'configmap references non-existent config key: x',
    ],
    [
      { name: 'v', configMap: { name: 'there', items: [{ key: 'a', path: '../x' }] } },
      `invalid path "../x": must not contain '..'`,
    ],
    [
      { name: 'v', emptyDir: { medium: 'HugePages' } },
      'emptyDir medium "HugePages" is not supported by durapod; use "Memory" or ""',
    ],
    [
      { name: 'v', nfs: { server: 's', path: '/' } },
      'volume kind nfs is not supported by durapod; use emptyDir, hostPath, configMap, secret, downwardAPI, projected',
    ],
    [
      { name: 'v', projected: { sources: [{ clusterTrustBundle: { path: 'x' } }] } },
      'projected source clusterTrustBundle is not supported by durapod; use configMap, secret, downwardAPI or serviceAccountToken',
    ],
    [
      { name: 'v', downwardAPI: { items: [{ path: 'x', fieldRef: { fieldPath: 'status.podIP' } }] } },
      'unsupported fieldPath: status.podIP',
    ],
  ])('%j', async (volume, detail) => {
    objects['configmaps/shop/there'] = { data: { a: '1' } };
    const error = await prepareVolumes(pod([{ name: 'first', emptyDir: {} }, volume]), ctx).catch((e) => e);
    expect(error).toBeInstanceOf(VolumeError);
    expect({ reason: error.reason, volume: error.volume, message: error.message }).toEqual({
      reason: 'FailedMount',
      volume: 'v',
      message: `MountVolume.SetUp failed for volume "v" : ${detail}`,
    });
    expect(await mode('first')).toBe('777');
  });
});

describe('teardown', () => {
  test('unmounts all, removes all, follows nothing out; gone is gone', async () => {
    const outside = join(root, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'file'), 'precious');
    objects['secrets/shop/s'] = { data: { a: base64('2') } };
    await prepareVolumes(
      pod([
        { name: 'm', emptyDir: { medium: 'Memory' } },
        { name: 's', secret: { secretName: 's' } },
        { name: 'e', emptyDir: {} },
      ]),
      ctx,
    );
    await mkdir(at('m/deep'));
    await bindMount(outside, at('m/deep'));
    await symlink(outside, at('e/link'));
    await teardownVolumes('uid-1', dirs);
    await teardownVolumes('uid-1', dirs);
    expect([
      await mountsBelow(root),
      await readdir(join(root, 'pods')),
      await readFile(join(outside, 'file'), 'utf8'),
    ]).toEqual([[], [], 'precious']);
  });

  test('a mount in use is detached', async () => {
    await prepareVolumes(pod([{ name: 'm', emptyDir: { medium: 'Memory' } }]), ctx);
    const user = spawn('sleep', ['60'], { cwd: at('m') });
    await new Promise((resolve) => user.once('spawn', resolve));
    try {
      await teardownVolumes('uid-1', dirs);
      expect(await readdir(join(root, 'pods'))).toEqual([]);
    } finally {
      user.kill('SIGKILL');
    }
  });
});
