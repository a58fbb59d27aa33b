/** Pulls from a real registry that asks for a password: what each policy asks for, and which Secrets are used. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Durapod, podOf, run } from './durapod.ts';
import { type Registry, startRegistry } from './registry.ts';
import { until } from './shell.ts';

const PASSWORD = `pass:${randomUUID()}`;

let registry: Registry;
let durapod: Durapod;
beforeAll(async () => {
  registry = await startRegistry('user', PASSWORD);
  durapod = await Durapod.start(['--node-name', 'box']);
  await registry.publish('one');
  await login('right', 'user', PASSWORD);
  await login('wrong', 'nobody', PASSWORD);
});
afterAll(async () => {
  await durapod?.down();
  registry?.close();
});

const ok = (...args: string[]) => durapod.ok(...args);

const login = (name: string, user: string, password: string) =>
  ok(
    'create',
    'secret',
    'docker-registry',
    name,
    `--docker-server=${registry.host}`,
    `--docker-username=${user}`,
    `--docker-password=${password}`,
  );

async function create(name: string, secrets: string[], more: { tag?: string; policy?: string; spec?: object } = {}) {
  const { tag = name, policy: imagePullPolicy = 'IfNotPresent', spec } = more;
  const pod = podOf(name, {
    terminationGracePeriodSeconds: 0,
    imagePullSecrets: secrets.map((secret) => ({ name: secret })),
    containers: [{ name: 'main', image: `${registry.image}:${tag}`, imagePullPolicy }],
    ...spec,
  });
  await durapod.create(pod);
}

const runs = (name: string) => ok('wait', '--for=condition=Ready', '--timeout=40s', `pod/${name}`);
const isWaiting = (name: string, reason: string) =>
  until(`${name} to wait with ${reason}`, async () => {
    const waiting = await ok('get', 'pod', name, '-o', 'jsonpath={.status.containerStatuses[0].state.waiting}');
    return waiting.includes(`"reason":"${reason}"`) ? JSON.parse(waiting) : undefined;
  });

async function events(name: string): Promise<string[]> {
  const { items } = JSON.parse(
    await ok('get', 'events', '--field-selector', `involvedObject.name=${name}`, '-o', 'json'),
  );
  return items.map(({ reason, message }: { reason: string; message: string }) => `${reason} ${message}`);
}

test('without credentials it is refused; with the right ones among others, or those of the service account, it is had', async () => {
  await ok('create', 'serviceaccount', 'puller');
  await ok('patch', 'serviceaccount', 'puller', '-p', '{"imagePullSecrets":[{"name":"right"}]}');
  await create('refused', ['wrong']);
  await create('several', ['wrong', 'right']);
  await create('account', [], { spec: { serviceAccountName: 'puller' } });
  await Promise.all([runs('several'), runs('account')]);
  expect(await isWaiting('refused', 'ImagePullBackOff')).toEqual({
    reason: 'ImagePullBackOff',
    message: expect.stringMatching(/^Back-off pulling image ".*\/app:refused": .*401 Unauthorized$/),
  });
  expect(registry.asked('nobody')).toBeGreaterThan(0);
  expect((await events('several')).slice(1, 3)).toEqual([
    `Pulling Pulling image "${registry.image}:several"`,
    expect.stringMatching(/^Pulled Successfully pulled image ".*\/app:several" in .*s\. Image size: \d+ bytes\.$/),
  ]);
});

test('a Secret that is not there is an event; when it comes, the next try uses it', async () => {
  await create('early', ['late']);
  await isWaiting('early', 'ImagePullBackOff');
  expect(await events('early')).toContain(
    'FailedToRetrieveImagePullSecret Unable to retrieve some image pull secrets (late); attempting to pull the image may not succeed.',
  );
  await login('late', 'user', PASSWORD);
  await runs('early');
});

test('Always asks the registry each time, IfNotPresent only once', async () => {
  await create('first', ['right'], { tag: 'v' });
  await runs('first');
  await registry.publish('two');
  const before = registry.asked('user');
  await create('kept', ['right'], { tag: 'v' });
  await runs('kept');
  expect(registry.asked('user')).toBe(before);
  await create('renewed', ['right'], { tag: 'v', policy: 'Always' });
  await runs('renewed');
  const version = (name: string) => until(`what ${name} prints`, async () => (await ok('logs', name)) || undefined);
  expect(await Promise.all(['first', 'kept', 'renewed'].map(version))).toEqual(['one\n', 'one\n', 'two\n']);
});

test('no password is in a log, an event or a workflow', async () => {
  const files = async (text: string) => {
    const { stdout } = await run('grep', ['-rlaFs', '--exclude-dir=root', text, durapod.home]);
    return stdout.split('\n').map((path) => path.slice(durapod.home.length + 1));
  };
  expect(await files(registry.image)).toEqual(expect.arrayContaining(['log/containerd.log', 'temporal.db-wal']));
  expect(await files(PASSWORD)).toEqual(['']);
  expect(await ok('get', 'events,pods', '-o', 'json')).not.toContain(PASSWORD);
});
