/** What kubectl shows of images that cannot be had, of updates, and of deletions at every stage of a Pod's life. */
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRuntime } from '../cli/parts.ts';
import type { ContainerStatus, PodStatus } from '../pod/types.ts';
import { Durapod, podOf as plainPod } from './durapod.ts';
import { deletions, table, until } from './shell.ts';

/** Ends at once when told to, and says so. */
const OBEDIENT = "trap 'echo bye; exit 0' TERM; sleep 3600 & wait";

let durapod: Durapod;
let silent: Server;
let silentRegistry: string;
beforeAll(async () => {
  silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  durapod = await Durapod.start(['--node-name', 'box']);
  silentRegistry = `127.0.0.1:${(silent.address() as { port: number }).port}`;
});
afterAll(async () => {
  await durapod?.down();
  silent?.close();
});

const ok = (...args: string[]) => durapod.ok(...args);
const sh = (script: string, more: object = {}) => ({
  name: 'main',
  image: 'busybox:v1',
  command: ['sh', '-c', script],
  ...more,
});
/** A Pod of one container that sleeps, unless told otherwise. */
const podOf = (name: string, spec: object = {}) => plainPod(name, { containers: [sh('sleep 3600')], ...spec });
const image = (name: string, image: string, imagePullPolicy: string) =>
  podOf(name, { containers: [sh('sleep 3600', { image, imagePullPolicy })] });
const create = (...pods: object[]) => durapod.create(...pods);

/** Waits until `kubectl get` has shown each of these states. */
async function shows(wanted: Record<string, string>) {
  const open = new Map(Object.entries(wanted));
  let last = '';
  await until('the states', async () => {
    last = await ok('get', 'pods', '--no-headers');
    for (const [name, , status] of table(last)) if (open.get(name!) === status) open.delete(name!);
    return open.size === 0 || undefined;
  }).catch((error) => Promise.reject(new Error(`${error.message}: ${[...open].join('; ')} in\n${last}`)));
}

const waiting = async (name: string) =>
  JSON.parse(await ok('get', 'pod', name, '-o', 'jsonpath={.status.containerStatuses[0].state.waiting}'));

/** The events of a Pod after it got its node, in order. */
async function events(name: string): Promise<string[]> {
  const { items } = JSON.parse(
    await ok('get', 'events', '--field-selector', `involvedObject.name=${name}`, '-o', 'json'),
  );
  return items
    .filter((event: { reason: string }) => event.reason !== 'Scheduled')
    .map(
      (event: { type: string; reason: string; message: string }) => `${event.type} ${event.reason} ${event.message}`,
    );
}

/** Deletes all Pods; nothing of theirs may be left in the runtime. */
async function deleteAll() {
  await ok('delete', 'pod', '--all', '--timeout=40s');
  expect(await inRuntime()).toEqual([]);
}

async function inRuntime(): Promise<string[]> {
  const runtime = await openRuntime({ kind: 'containerd' }, join(durapod.home, 'run', 'containerd.sock'));
  try {
    const [sandboxes, containers] = await Promise.all([runtime.listSandboxes({}), runtime.listContainers({})]);
    return [...sandboxes, ...containers].map(({ pod }) => pod.name);
  } finally {
    await runtime.close();
  }
}

test('image policies, their reasons and events; deletion in the middle of a pull and of a back-off', async () => {
  await create(
    image('absent', 'nope:v1', 'Never'),
    image('refused', '127.0.0.1:9/x:v1', 'IfNotPresent'),
    image('invalid', 'UPPER:v1', 'IfNotPresent'),
    image('hangs', `${silentRegistry}/x`, 'IfNotPresent'),
    image('present', 'busybox:v1', 'Never'),
  );
  await shows({
    absent: 'ErrImageNeverPull',
    refused: 'ImagePullBackOff',
    invalid: 'InvalidImageName',
    hangs: 'ContainerCreating',
    present: 'Running',
  });
  expect(await waiting('absent')).toEqual({
    reason: 'ErrImageNeverPull',
    message: 'Container image "nope:v1" is not present with pull policy of Never',
  });
  expect(await waiting('invalid')).toEqual({
    reason: 'InvalidImageName',
    message: 'couldn\'t parse image name "UPPER:v1": the repository name must be lowercase',
  });
  expect(await waiting('refused')).toEqual({
    reason: 'ImagePullBackOff',
    message: expect.stringMatching(/^Back-off pulling image "127\.0\.0\.1:9\/x:v1": .*connection refused$/),
  });
  expect(await events('absent')).toEqual([
    'Warning ErrImageNeverPull Container image "nope:v1" is not present with pull policy of Never',
    'Warning Failed Error: ErrImageNeverPull',
  ]);
  expect(await events('invalid')).toEqual([
    'Warning InspectFailed couldn\'t parse image name "UPPER:v1": the repository name must be lowercase',
    'Warning Failed Error: InvalidImageName',
  ]);
  expect((await events('refused')).slice(0, 5)).toEqual([
    'Normal Pulling Pulling image "127.0.0.1:9/x:v1"',
    expect.stringMatching(/^Warning Failed Failed to pull image "127\.0\.0\.1:9\/x:v1": .*connection refused$/),
    'Warning Failed Error: ErrImagePull',
    'Normal BackOff Back-off pulling image "127.0.0.1:9/x:v1"',
    'Warning Failed Error: ImagePullBackOff',
  ]);
  expect(await events('hangs')).toEqual([`Normal Pulling Pulling image "${silentRegistry}/x"`]);
  await deleteAll();
});

test('Pods that fail, wait and end, as kubectl prints them; deletion of each', async () => {
  const init = (script: string) => [sh(script, { name: 'init' })];
  await create(
    podOf('init-error', { restartPolicy: 'Never', initContainers: init('exit 3') }),
    podOf('init-crash', { restartPolicy: 'OnFailure', initContainers: init('exit 3') }),
    podOf('init-waits', { initContainers: init('sleep 3600') }),
    podOf('crash', { containers: [sh('echo once; exit 1')] }),
    podOf('completed', { restartPolicy: 'Never', containers: [sh('true')] }),
    podOf('error', { restartPolicy: 'Never', containers: [sh('exit 2')] }),
    podOf('no-program', { restartPolicy: 'Never', containers: [sh('', { command: ['/nosuch'] })] }),
    podOf('no-config', { containers: [sh('', { envFrom: [{ configMapRef: { name: 'nosuch' } }] })] }),
    podOf('no-node', { nodeSelector: { disk: 'none' } }),
  );
  await shows({
    'init-error': 'Init:Error',
    'init-crash': 'Init:CrashLoopBackOff',
    'init-waits': 'Init:0/1',
    crash: 'CrashLoopBackOff',
    completed: 'Completed',
    error: 'Error',
    'no-program': 'StartError',
    'no-config': 'CreateContainerConfigError',
    'no-node': 'Pending',
  });
  const phases = { 'init-error': 'Failed', completed: 'Succeeded', error: 'Failed', 'no-program': 'Failed' };
  // A Pod is over once its sandbox is gone, a moment after its last container ended.
  for (const [name, phase] of Object.entries(phases)) {
    await ok('wait', `--for=jsonpath={.status.phase}=${phase}`, '--timeout=20s', `pod/${name}`);
  }
  expect(await ok('logs', 'crash', '--previous')).toBe('once\n');
  const backOff = (await events('init-crash')).filter((event) => event.includes('BackOff'));
  expect(backOff[0]).toMatch(/^Warning BackOff Back-off restarting failed container init in pod init-crash_default\(/);
  await deleteAll();
});

test('what probes and hooks of a container found, in its events', async () => {
  const exec = (script: string) => ({ exec: { command: ['sh', '-c', script] } });
  await create(
    podOf('unready', {
      containers: [
        sh(OBEDIENT, {
          env: [{ name: 'WHY', value: 'no lock' }],
          readinessProbe: { ...exec('printf "$(WHY)" >&2; exit 1'), periodSeconds: 1 },
          lifecycle: { preStop: exec('echo cannot drain; exit 7') },
        }),
      ],
    }),
    podOf('bad-hook', {
      restartPolicy: 'Never',
      containers: [sh(OBEDIENT, { lifecycle: { postStart: exec('echo no disk; exit 3') } })],
    }),
  );
  const unhealthy = await until('three probes counted', async () => {
    const found = await ok(
      'get',
      'events',
      '--field-selector',
      'involvedObject.name=unready,reason=Unhealthy',
      '-o',
      'json',
    );
    const { items } = JSON.parse(found);
    return items[0]?.count >= 3 ? items : undefined;
  });
  expect(unhealthy).toMatchObject([
    {
      involvedObject: { kind: 'Pod', name: 'unready', namespace: 'default', fieldPath: 'spec.containers{main}' },
      type: 'Warning',
      message: 'Readiness probe failed: no lock',
      source: { component: 'durapod', host: 'box' },
    },
  ]);
  await shows({ 'bad-hook': 'Completed' });
  await deleteAll();
  const hooks = [...(await events('unready')), ...(await events('bad-hook'))].filter((e) => e.includes('Hook'));
  expect(hooks).toEqual([
    'Warning FailedPreStopHook PreStopHook failed: the command exited with 7, it printed "cannot drain\\n"',
    'Warning FailedPostStartHook PostStartHook failed: the command exited with 3, it printed "no disk\\n"',
    'Normal Killing FailedPostStartHook',
  ]);
});

test('deletion: a container that obeys, one that does not, at once, and by force', async () => {
  await create(
    podOf('obeys', { terminationGracePeriodSeconds: 600, containers: [sh(OBEDIENT)] }),
    podOf('stubborn'),
    podOf('forced', { terminationGracePeriodSeconds: 600 }),
    podOf('now', { terminationGracePeriodSeconds: 600 }),
  );
  await ok('wait', '--for=condition=Ready', '--timeout=40s', 'pod', '--all');
  expect(deletions(await ok('delete', 'pod', 'obeys', 'stubborn', '--timeout=40s'))).toBe(
    'pod "obeys" deleted\npod "stubborn" deleted\n',
  );
  expect(deletions(await ok('delete', 'pod', 'now', '--now', '--timeout=40s'))).toBe('pod "now" deleted\n');
  expect(deletions(await ok('delete', 'pod', 'forced', '--force', '--timeout=40s'))).toBe(
    'pod "forced" force deleted\n',
  );
  expect(await durapod.kubectl('delete', 'pod', 'forced')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'Error from server (NotFound): pods "forced" not found\n',
  });
  await until('nothing in the runtime', async () => (await inRuntime()).length === 0 || undefined);

  // Again under the same name, and gone before it was there.
  await create(podOf('forced'));
  await deleteAll();
});

test('what eats more memory than its limit is OOMKilled, and restarted by its policy', async () => {
  const eater = sh('', { command: ['tail', '/dev/zero'], resources: { limits: { memory: '16Mi' } } });
  const names = ['never', 'on-failure'];
  await create(
    podOf('never', { restartPolicy: 'Never', containers: [eater] }),
    podOf('on-failure', { restartPolicy: 'OnFailure', containers: [eater] }),
  );
  await shows({ never: 'OOMKilled', 'on-failure': 'CrashLoopBackOff' });
  // It has failed when its sandbox is gone, too.
  await ok('wait', '--for=jsonpath={.status.phase}=Failed', '--timeout=40s', 'pod/never');
  const { items } = JSON.parse(await ok('get', 'pods', ...names, '-o', 'json'));
  const killed = { exitCode: 137, reason: 'OOMKilled' };
  expect(
    items.map(({ status: { phase, containerStatuses } }: { status: PodStatus }) => {
      const [{ state, lastState }] = containerStatuses as [ContainerStatus];
      const { exitCode, reason } = state?.terminated ?? lastState?.terminated ?? {};
      return { phase, exitCode, reason };
    }),
  ).toEqual([
    { phase: 'Failed', ...killed },
    { phase: 'Running', ...killed },
  ]);
  await deleteAll();
});

test('updates: what may change, and what may not with its field path', async () => {
  await create(
    podOf('web', {
      initContainers: [sh('true', { name: 'init' })],
      containers: [sh(OBEDIENT), sh(OBEDIENT, { name: 'other' })],
    }),
  );
  await ok('wait', '--for=condition=Ready', '--timeout=40s', 'pod/web');
  const patch = async (patch: object) => {
    const { code, stdout, stderr } = await durapod.kubectl(
      'patch',
      'pod',
      'web',
      '--type=merge',
      '-p',
      JSON.stringify(patch),
    );
    return code === 0 ? stdout : stderr;
  };
  const forbidden = expect.stringMatching(
    /^The Pod "web" is invalid: spec: Forbidden: pod updates may not change fields/,
  );
  expect(await patch({ spec: { restartPolicy: 'Never' } })).toEqual(forbidden);
  expect(await patch({ spec: { nodeName: 'elsewhere' } })).toEqual(forbidden);
  expect(await patch({ spec: { containers: [] } })).toContain('spec.containers: Required value');
  expect(await patch({ spec: { activeDeadlineSeconds: 0 } })).toMatch(
    /^The Pod "web" is invalid: spec\.activeDeadlineSeconds: Invalid value: 0: /,
  );
  expect(await patch({ spec: { activeDeadlineSeconds: 5000 } })).toBe('pod/web patched\n');
  expect(await patch({ spec: { activeDeadlineSeconds: 5001 } })).toMatch(/spec\.activeDeadlineSeconds: Invalid value/);
  expect(await patch({ metadata: { labels: { tier: 'front' }, annotations: { note: 'x' } } })).toBe(
    'pod/web patched\n',
  );
  expect(await durapod.kubectl('set', 'image', 'pod/web', 'main=')).toMatchObject({ code: 1 });
  expect(await ok('get', 'pod', 'web', '--no-headers', '-o', 'custom-columns=L:.metadata.labels.tier')).toBe('front\n');
});

test("a main container's new image restarts it; an init container's restarts the Pod", async () => {
  const restarts = () =>
    ok(
      'get',
      'pod',
      'web',
      '-o',
      'jsonpath={range .status.initContainerStatuses[*]}{.name}={.restartCount} {end}{range .status.containerStatuses[*]}{.name}={.restartCount} {end}',
    );
  const reaches = async (wanted: string) => {
    await until(wanted, async () => (await restarts()) === wanted || undefined);
    await ok('wait', '--for=condition=Ready', '--timeout=40s', 'pod/web');
  };
  expect(await restarts()).toBe('init=0 main=0 other=0 ');
  expect(await ok('set', 'image', 'pod/web', 'main=busybox:latest')).toBe('pod/web image updated\n');
  await reaches('init=0 main=1 other=0 ');
  expect(await ok('logs', 'web', '-c', 'main', '--previous')).toBe('bye\n');
  expect(await events('web')).toContain('Normal Killing Container main definition changed, will be restarted');

  expect(await ok('set', 'image', 'pod/web', 'init=busybox:latest')).toBe('pod/web image updated\n');
  await reaches('init=1 main=2 other=1 ');
  expect(await events('web')).toContain('Normal Restarting Image of init container init changed: the Pod restarts');
  await deleteAll();
});
