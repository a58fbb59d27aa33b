import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Container, Pod } from '../../pod/types.ts';
import type { ContainerSpec } from '../../runtime/port.ts';
import { NodeDirs } from '../dirs.ts';
import { teardownVolumes } from '../volumes/index.ts';
import { buildContainerSpec } from './container.ts';
import type { ContainerContext } from './context.ts';
import { ContainerConfigError } from './errors.ts';
import { testContext, testPod } from './test-pod.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'durapod-spec-'));
});
afterEach(async () => {
  await teardownVolumes('uid-1', new NodeDirs(root));
  await rm(root, { recursive: true });
});

const build = (container: Container, spec: Partial<Pod['spec']> = {}, changes: Partial<ContainerContext> = {}) =>
  buildContainerSpec(
    testPod({ containers: [container], ...spec }),
    container,
    testContext({}, { dirs: new NodeDirs(root), ...changes }),
  );

const base = (): ContainerSpec => ({
  pod: { namespace: 'shop', name: 'web', uid: 'uid-1' },
  name: 'main',
  attempt: 0,
  image: 'busybox:v1',
  command: [],
  args: [],
  env: [],
  mounts: [
    { containerPath: '/etc/hosts', hostPath: `${root}/pods/uid-1/etc-hosts`, readonly: false, propagation: 'private' },
  ],
  labels: {
    'io.kubernetes.pod.name': 'web',
    'io.kubernetes.pod.namespace': 'shop',
    'io.kubernetes.pod.uid': 'uid-1',
    'io.kubernetes.container.name': 'main',
  },
  annotations: {
    'io.kubernetes.container.restartCount': '0',
    'io.kubernetes.container.terminationMessagePath': '',
    'io.kubernetes.container.terminationMessagePolicy': 'File',
  },
  logPath: 'main/0.log',
  stdin: false,
  stdinOnce: false,
  tty: false,
  resources: { cpuShares: 2, cpuPeriodUs: 100_000, oomScoreAdj: 1000 },
  security: {
    privileged: false,
    readonlyRootfs: false,
    noNewPrivileges: false,
    addCapabilities: [],
    dropCapabilities: [],
    runAsUser: 0,
    supplementalGroups: [],
    seccomp: { type: 'Unconfined' },
    unmaskedProc: false,
  },
  namespaces: { network: 'pod', pid: 'container', ipc: 'pod' },
});
const main: Container = { name: 'main', image: 'busybox:v1' };

test('a plain container', async () => {
  expect(await build(main)).toEqual(base());
  expect((await stat(`${root}/logs/shop_web_uid-1/main`)).isDirectory()).toBe(true);
  expect(await readFile(`${root}/pods/uid-1/etc-hosts`, 'utf8')).toContain('10.0.0.7\tweb\n');
});

test('everything a container says of its process', async () => {
  const spec = await build(
    {
      ...main,
      command: ['sh', '-c', 'echo $(A) $(B) $$(A)'],
      args: ['$(A)'],
      workingDir: '/srv',
      env: [{ name: 'A', value: '1' }],
      stdin: true,
      stdinOnce: true,
      tty: true,
      lifecycle: { stopSignal: 'SIGUSR1' },
    },
    { terminationGracePeriodSeconds: 5, shareProcessNamespace: true },
    { attempt: 2 },
  );
  expect(spec).toEqual({
    ...base(),
    attempt: 2,
    command: ['sh', '-c', 'echo 1 $(B) $(A)'],
    args: ['1'],
    workingDir: '/srv',
    env: [{ name: 'A', value: '1' }],
    annotations: {
      ...base().annotations,
      'io.kubernetes.container.restartCount': '2',
      'io.kubernetes.pod.terminationGracePeriod': '5',
    },
    logPath: 'main/2.log',
    stdin: true,
    stdinOnce: true,
    tty: true,
    namespaces: { network: 'pod', pid: 'pod', ipc: 'pod' },
    stopSignal: 'SIGUSR1',
  });
});

test("an ephemeral container joins its target's processes", async () => {
  const { namespaces } = await build(main, {}, { targetContainerId: 'c1' });
  expect(namespaces).toEqual({ network: 'pod', pid: 'container', ipc: 'pod', pidTarget: 'c1' });
});

test('the termination log is kept when the call is repeated, and belongs to one attempt', async () => {
  const container = { ...main, terminationMessagePath: '/dev/termination-log' };
  const path = `${root}/pods/uid-1/containers/main/termination-log.0`;
  const { mounts } = await build(container);
  expect(mounts.at(-1)).toEqual({
    containerPath: '/dev/termination-log',
    hostPath: path,
    readonly: false,
    propagation: 'private',
  });
  expect((await stat(path)).mode & 0o777).toBe(0o666);
  await writeFile(path, 'bye');
  await build(container);
  expect(await readFile(path, 'utf8')).toBe('bye');
  expect((await build(container, {}, { attempt: 1 })).mounts.at(-1)?.hostPath).toMatch(/termination-log\.1$/);
});

describe('mounts', () => {
  const volumes = [
    { name: 'data', emptyDir: {} },
    { name: 'host', hostPath: { path: '/srv/data' } },
    { name: 'settings', configMap: { name: 'settings' } },
  ];
  const mountsOf = async (volumeMounts: Container['volumeMounts'], changes: Partial<ContainerContext> = {}) =>
    (await build({ ...main, volumeMounts }, { volumes }, { podIPs: [], ...changes })).mounts;

  test('of every kind', async () => {
    const mounts = await mountsOf([
      { name: 'data', mountPath: '/data', mountPropagation: 'HostToContainer' },
      { name: 'data', mountPath: 'relative', readOnly: true, recursiveReadOnly: 'IfPossible' },
      { name: 'host', mountPath: '/host', mountPropagation: 'Bidirectional' },
      { name: 'settings', mountPath: '/settings' },
    ]);
    const data = `${root}/pods/uid-1/volumes/data`;
    expect(mounts).toEqual([
      { containerPath: '/data', hostPath: data, readonly: false, propagation: 'hostToContainer' },
      { containerPath: '/relative', hostPath: data, readonly: true, propagation: 'private' },
      { containerPath: '/host', hostPath: '/srv/data', readonly: false, propagation: 'bidirectional' },
      {
        containerPath: '/settings',
        hostPath: `${root}/pods/uid-1/volumes/settings`,
        readonly: true,
        propagation: 'private',
      },
    ]);
  });

  test('a volume at /etc/hosts stands in for the file of the Pod', async () => {
    const mounts = await mountsOf([{ name: 'host', mountPath: '/etc/hosts' }], { podIPs: ['10.0.0.7'] });
    expect(mounts.map(({ hostPath }) => hostPath)).toEqual(['/srv/data']);
  });

  test.each<[Partial<Container>, string]>([
    [{ volumeMounts: [{ name: 'gone', mountPath: '/x' }] }, 'cannot find volume "gone" to mount into container "main"'],
    [
      { volumeMounts: [{ name: 'data', mountPath: '/x', subPathExpr: '$(A)/$(B)' }], env: [{ name: 'A', value: 'a' }] },
      'missing value for B',
    ],
    [
      { volumeMounts: [{ name: 'data', mountPath: '/x', subPath: '../x' }] },
      `failed to prepare subPath for volumeMount "data" of container "main": subPath "../x" must not contain '..'`,
    ],
    [
      { volumeMounts: [{ name: 'data', mountPath: '/x', recursiveReadOnly: 'Enabled', readOnly: true }] },
      'volume "data" requested recursive read-only mode, but it is not supported by durapod; use IfPossible',
    ],
    [
      { volumeDevices: [{ name: 'data', devicePath: '/dev/x' }] },
      'volumeDevices (raw block volumes) are not supported',
    ],
  ])('refuses %j', async (container, message) => {
    const error = await build({ ...main, ...container }, { volumes }).catch((e) => e);
    expect(error).toBeInstanceOf(ContainerConfigError);
    expect(error.message).toContain(message);
  });
});
