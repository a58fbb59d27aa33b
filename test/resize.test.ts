/** Containers that get more or less of the machine while they run, and Pods that wait for room on it, as kubectl shows them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Durapod, podOf } from './durapod.ts';
import { until } from './shell.ts';

let durapod: Durapod;
beforeAll(async () => {
  durapod = await Durapod.start(['--node-name', 'box']);
});
afterAll(async () => {
  await durapod?.down();
});

const ok = (...args: string[]) => durapod.ok(...args);
const SLEEP = ['sh', '-c', "trap 'exit 0' TERM; sleep 3600 & wait"];
const sized = (name: string, resources: object, more: object = {}) => ({
  name,
  image: 'busybox:v1',
  command: SLEEP,
  resources,
  ...more,
});
const create = (name: string, containers: object[], spec: object = {}) =>
  durapod.create(podOf(name, { containers, ...spec }));
const ready = (pod: string) => ok('wait', '--for=condition=Ready', '--timeout=40s', `pod/${pod}`);
const show = (pod: string, path: string) => ok('get', 'pod', pod, '-o', `jsonpath={${path}}`);

/** Gives a container other resources, by the subresource. */
const resize = (pod: string, name: string, resources: object) =>
  ok(
    'patch',
    'pod',
    pod,
    '--subresource=resize',
    '-p',
    JSON.stringify({ spec: { containers: [{ name, resources }] } }),
  );
/** What the kernel holds a container to: CPU quota in microseconds of each 100 ms, memory in bytes. */
async function held(pod: string, name: string): Promise<string> {
  const script =
    'cd /sys/fs/cgroup; cat cpu/cpu.cfs_quota_us memory/memory.limit_in_bytes 2>/dev/null || cat cpu.max memory.max';
  const [quota, memory] = (await ok('exec', pod, '-c', name, '--', 'sh', '-c', script)).split('\n');
  return `${quota?.replace(' 100000', '')} ${memory}`;
}
const holds = (pod: string, name: string, wanted: string) =>
  until(`${wanted} for ${name}`, async () => (await held(pod, name).catch(() => '')) === wanted || undefined);
const conditions = async (pod: string): Promise<string[]> =>
  (await show(pod, 'range .status.conditions[*]}{.type}={.reason} {end')).match(/PodResize\S+/g) ?? [];
const reasons = (pod: string) =>
  ok('get', 'events', '--field-selector', `involvedObject.name=${pod}`, '-o', 'jsonpath={.items[*].reason}');

test('cpu without a restart, memory with one where the policy says so; killed meanwhile', async () => {
  const resources = { requests: { cpu: '50m', memory: '32Mi' }, limits: { cpu: '200m', memory: '64Mi' } };
  const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }];
  await create('web', [sized('main', resources, { resizePolicy }), sized('other', resources)]);
  await ready('web');
  expect(await held('web', 'main')).toBe('20000 67108864');

  await resize('web', 'main', { limits: { cpu: '300m' } });
  await holds('web', 'main', '30000 67108864');
  await until('the end of the resize', async () => (await conditions('web')).length === 0 || undefined);
  expect(await show('web', '.status.containerStatuses[0].resources')).toBe(
    '{"limits":{"cpu":"300m","memory":"64Mi"},"requests":{"cpu":"50m","memory":"32Mi"}}',
  );
  expect(await show('web', '.status.containerStatuses[*].restartCount')).toBe('0 0');

  await resize('web', 'main', { limits: { memory: '128Mi' } });
  await holds('web', 'main', '30000 134217728');
  await ready('web');
  expect(await show('web', '.status.containerStatuses[*].restartCount')).toBe('1 0');
  expect(await reasons('web')).toMatch(/ResizeStarted.*ResizeCompleted.*Killing/);

  // The API has it, and nobody else.
  await resize('web', 'other', { limits: { cpu: '400m', memory: '96Mi' } });
  durapod.kill('durapod');
  await durapod.ended();
  await durapod.up();
  await holds('web', 'other', '40000 100663296');
  await until('the end of the resize', async () => (await conditions('web')).length === 0 || undefined);
  expect(await show('web', '.status.containerStatuses[*].restartCount')).toBe('1 0');
  await ok('delete', 'pod', 'web');
});

test('a limit below what a container uses waits; what the API does not take', async () => {
  const fill = 'head -c 30000000 /dev/zero > /dev/shm/x; sleep 3600';
  const resources = { requests: { memory: '32Mi' }, limits: { memory: '128Mi' } };
  await create('full', [sized('main', resources, { command: ['sh', '-c', fill] })]);
  await ready('full');
  await until(
    '30 MB',
    async () => (await ok('exec', 'full', '--', 'ls', '-l', '/dev/shm')).includes('30000000') || undefined,
  );
  await resize('full', 'main', { requests: { memory: '8Mi' }, limits: { memory: '16Mi' } });
  await until('an error', async () => (await conditions('full')).includes('PodResizeInProgress=Error') || undefined);
  expect(await show('full', '.status.conditions[?(@.type=="PodResizeInProgress")].message')).toMatch(
    /^cannot decrease memory limits: attempting to set container "main" memory limit \(16777216\) below current usage \(\d+\)$/,
  );
  expect(await held('full', 'main')).toMatch(/ 134217728$/);
  await ok('exec', 'full', '--', 'rm', '/dev/shm/x');
  await holds('full', 'main', '-1 16777216');

  const { code, stderr } = await durapod.kubectl(
    ...['patch', 'pod', 'full', '--subresource=resize', '--type=json', '-p'],
    '[{"op":"remove","path":"/spec/containers/0/resources/limits"}]',
  );
  expect([code, stderr.trim()]).toEqual([
    1,
    'The Pod "full" is invalid: spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed',
  ]);
  await ok('delete', 'pod', 'full');
});

test('a Pod waits for room and gets it; one put on a full node fails; a resize that finds none is deferred', async () => {
  const cores = Number(await ok('get', 'node', 'box', '-o', 'jsonpath={.status.allocatable.cpu}'));
  const all = { requests: { cpu: String(cores) } };
  await create('big', [sized('main', { requests: { cpu: `${cores * 1000 - 300}m` } })]);
  await create('small', [sized('main', { requests: { cpu: '100m' } })]);
  await ready('big');
  await ready('small');
  await create('waits', [sized('main', { requests: { cpu: '500m' } })]);
  await create('put', [sized('main', all)], { nodeName: 'box' });
  await until('put has failed', async () => (await show('put', '.status.phase')) === 'Failed' || undefined);
  const used = cores * 1000 - 200;
  expect(await show('put', '.status.reason}: {.status.message')).toBe(
    `OutOfcpu: Pod was rejected: Node didn't have enough resource: cpu, requested: ${cores * 1000}, used: ${used}, capacity: ${cores * 1000}`,
  );
  expect(await show('waits', '.status.conditions[0].reason}: {.status.conditions[0].message')).toBe(
    'Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.',
  );

  await expect(resize('small', 'main', { requests: { cpu: String(cores + 1) } })).rejects.toThrow(
    `node didn't have enough allocatable resources: cpu, requested: ${(cores + 1) * 1000}, allocatable: ${cores * 1000}`,
  );
  await resize('small', 'main', { requests: { cpu: '400m' } });
  await until('deferred', async () => (await conditions('small')).includes('PodResizePending=Deferred') || undefined);
  expect(await show('small', '.status.containerStatuses[0].allocatedResources.cpu')).toBe('100m');

  await ok('delete', 'pod', 'big');
  await ready('waits');
  await until('room for it', async () => (await conditions('small')).length === 0 || undefined);
  expect(await show('small', '.status.containerStatuses[0].allocatedResources.cpu')).toBe('400m');
  expect(await reasons('small')).toMatch(/ResizeDeferred.*ResizeStarted.*ResizeCompleted/);
});
