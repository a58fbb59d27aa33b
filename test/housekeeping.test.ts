/** A node's housekeeping on real containers, with small sizes: logs are rotated while one reads them, and Pods that use too much are evicted. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Durapod, podOf, run } from './durapod.ts';
import { until } from './shell.ts';

let durapod: Durapod;
beforeAll(async () => {
  durapod = await Durapod.start(['--container-log-max-size', '20k', '--container-log-max-files', '3']);
});
afterAll(() => durapod?.down());

const ok = (...args: string[]) => durapod.ok(...args);
const container = (name: string, script: string, more: object = {}) => ({
  name,
  image: 'busybox:v1',
  command: ['sh', '-c', script],
  ...more,
});
const storage = (limit: string) => ({ resources: { limits: { 'ephemeral-storage': limit } } });
const mounting = { volumeMounts: [{ name: 'data', mountPath: '/data' }] };
const create = (name: string, spec: object) => durapod.create(podOf(name, spec));

test('logs are rotated; who follows one misses no line', async () => {
  const talk = 'i=0; while true; do i=$((i+1)); echo "line $i"; [ $((i % 50)) = 0 ] && sleep 0.1; done';
  await create('talker', { containers: [container('main', talk)] });
  await ok('wait', '--for=condition=Ready', '--timeout=40s', 'pod/talker');
  const uid = await ok('get', 'pod', 'talker', '-o', 'jsonpath={.metadata.uid}');
  const args = ['--kubeconfig', durapod.kubeconfig, 'logs', 'talker', '--follow'];
  const following = run('timeout', ['60', 'kubectl', ...args], { env: durapod.env });
  const logs = join(durapod.home, 'node', 'logs', `default_talker_${uid}`, 'main');
  const rotated = ['0.log', '0.log.T', '0.log.T.gz'];
  await until('a log rotated twice', async () => {
    const names = (await readdir(logs)).sort().map((name) => name.replace(/\d{8}-\d{6}/, 'T'));
    return names.sort().join() === rotated.join() || undefined;
  });
  await ok('delete', 'pod', 'talker', '--timeout=40s');
  const { stdout } = await following;
  const lines = stdout.trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(2000);
  expect(lines.filter((line, i) => line !== `line ${i + 1}`)).toEqual([]);
});

test('a Pod that uses more of the disk than it may is evicted; in memory the volume itself is the limit', async () => {
  const fill = (path: string) => `head -c 2000000 /dev/zero > ${path} 2>/dev/null; echo $?; sleep 3600`;
  const volume = (emptyDir: object) => ({ volumes: [{ name: 'data', emptyDir }] });
  await create('volume', {
    terminationGracePeriodSeconds: 600,
    containers: [container('main', fill('/data/file'), mounting)],
    ...volume({ sizeLimit: '1Mi' }),
  });
  await create('container', {
    containers: [
      container('main', fill('/tmp/file'), storage('1Mi')),
      container('other', 'sleep 3600', storage('10Mi')),
    ],
  });
  await create('sum', {
    containers: [container('main', fill('/data/file'), { ...storage('1Mi'), ...mounting })],
    ...volume({}),
  });
  await create('memory', {
    containers: [container('main', fill('/data/file'), mounting)],
    ...volume({ medium: 'Memory', sizeLimit: '1Mi' }),
  });
  const wanted = {
    volume: 'Usage of EmptyDir volume "data" exceeds the limit "1Mi". ',
    container: 'Container main exceeded its local ephemeral storage limit "1Mi". ',
    sum: 'Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. ',
  };
  for (const [name, message] of Object.entries(wanted)) {
    await ok('wait', `--for=jsonpath={.status.phase}=Failed`, '--timeout=60s', `pod/${name}`);
    const { status } = JSON.parse(await ok('get', 'pod', name, '-o', 'json'));
    expect(status).toMatchObject({ phase: 'Failed', reason: 'Evicted', message });
    const events = await ok(
      ...['get', 'events', '--field-selector', `involvedObject.name=${name},reason=Evicted`],
      ...['-o', 'jsonpath={range .items[*]}{.type} {.message}{end}'],
    );
    expect(events).toBe(`Warning ${message}`);
  }
  expect(await ok('get', 'pod', 'memory', '-o', 'jsonpath={.status.phase}')).toBe('Running');
  expect((await ok('logs', 'memory')).split('\n').at(-2)).toBe('1');
  await ok('delete', 'pod', '--all', '--timeout=40s');
});
