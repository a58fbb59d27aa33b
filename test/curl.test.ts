/** The session without kubectl: curl, and Temporal's own command line for the signal. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { findTool } from '../cli/tools.ts';
import { Durapod, run } from './durapod.ts';
import { Running, until } from './shell.ts';

const MANIFEST = fileURLToPath(new URL('../examples/initc.yaml', import.meta.url));
const PODS = '/api/v1/namespaces/default/pods';
const POD = `${PODS}/myapp-pod`;

let durapod: Durapod;
beforeAll(async () => {
  durapod = await Durapod.start(['--node-name', 'box']);
});
afterAll(() => durapod?.down());

const flags = () => ['-sS', '--max-time', '60', '--cacert', join(durapod.home, 'pki/ca.crt')];
const withToken = () => [...flags(), '-H', `Authorization: Bearer ${durapod.token}`];

/** The HTTP status, and the body: parsed where it is JSON. */
async function curl(path: string, ...args: string[]) {
  const { stdout } = await run('curl', [...withToken(), '-w', '\n%{http_code}', ...args, durapod.url + path]);
  const end = stdout.lastIndexOf('\n');
  const text = stdout.slice(0, end);
  return { code: Number(stdout.slice(end + 1)), body: text.startsWith('{') ? JSON.parse(text) : text };
}

const file = (query: string, content = '') => curl(`${POD}/files?${query}`, '-X', 'POST', '--data-binary', content);
const inside = (container: string, ...command: string[]) =>
  durapod.ok('exec', 'myapp-pod', '-c', container, '--', ...command);

function status(pod: { status: { initContainerStatuses?: { state: object }[]; phase: string } }): string {
  const states = pod.status.initContainerStatuses?.map(({ state }) => Object.keys(state)[0]) ?? [];
  return [pod.status.phase, ...states].join(' ');
}

/** Waits for the phase and the states of the init containers. */
const reaches = (wanted: string) => until(wanted, async () => status((await curl(POD)).body) === wanted || undefined);

test('without a token nothing is served but health', async () => {
  const code = async (path: string) =>
    (await run('curl', [...flags(), '-o', '/dev/null', '-w', '%{http_code}', durapod.url + path])).stdout;
  expect(await Promise.all(['/healthz', '/livez', '/readyz', PODS, '/version'].map(code))).toEqual([
    '200',
    '200',
    '200',
    '401',
    '401',
  ]);
  const plain = await run('curl', ['-sS', '--max-time', '5', `http://127.0.0.1:${durapod.port}/healthz`]);
  expect(plain.code).not.toBe(0);
});

test('POST as YAML, once; a mistake in it is named', async () => {
  const yaml = ['-X', 'POST', '-H', 'Content-Type: application/yaml'];
  const created = await curl(PODS, ...yaml, '--data-binary', `@${MANIFEST}`);
  expect([created.code, created.body.metadata.name, created.body.status]).toEqual([
    201,
    'myapp-pod',
    { phase: 'Pending', qosClass: 'BestEffort' },
  ]);
  expect(await curl(PODS, ...yaml, '--data-binary', `@${MANIFEST}`)).toEqual({
    code: 409,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'pods "myapp-pod" already exists',
      reason: 'AlreadyExists',
      details: { name: 'myapp-pod', kind: 'pods' },
      code: 409,
    },
  });
  const wrong = await curl(PODS, ...yaml, '--data-binary', 'kind: Pod\n  bad: [');
  expect([wrong.code, wrong.body.reason]).toEqual([400, 'BadRequest']);
});

test('GET as JSON and as YAML', async () => {
  await reaches('Pending running waiting');
  const json = await curl(POD);
  const yaml = await curl(POD, '-H', 'Accept: application/yaml');
  expect([json.code, yaml.code, parse(yaml.body)]).toEqual([200, 200, json.body]);
  const list = await curl(`${PODS}?labelSelector=app%3Dmyapp`);
  expect([list.body.kind, list.body.items.map((pod: { metadata: { name: string } }) => pod.metadata.name)]).toEqual([
    'PodList',
    ['myapp-pod'],
  ]);
});

test('a file is there once it is answered, and cannot leave the container', async () => {
  const made = { pod: 'myapp-pod', container: 'init-myapp' };
  const query = (path: string) => `container=init-myapp&path=${path}`;
  expect(await file(`${query('/root/note')}&mode=0600`, 'hello')).toEqual({
    code: 201,
    body: { ...made, path: '/root/note', bytes: 5, mode: '0600' },
  });
  expect(await inside('init-myapp', 'sh', '-c', 'cat /root/note; stat -c " %a %u" /root/note')).toBe('hello 600 0\n');

  const name = `durapod-escape-${process.pid}`;
  const up = '../../../../../../../../tmp';
  await inside(
    'init-myapp',
    'sh',
    '-c',
    `ln -s ${up} /root/up; ln -s /proc/1/root/tmp /root/proc; ln -s /tmp /root/tmp`,
  );
  for (const link of ['up', 'proc', 'tmp']) {
    expect([link, (await file(query(`/root/${link}/${name}-${link}`))).code]).toEqual([link, 201]);
    expect([link, existsSync(`/tmp/${name}-${link}`)]).toEqual([link, false]);
  }
  expect(await inside('init-myapp', 'sh', '-c', `ls /tmp | grep -c ${name}`)).toBe('3\n');

  const refused = async (query: string) => {
    const { code, body } = await file(query);
    return [code, body.message];
  };
  expect(await refused(query('/root/../../etc/x'))).toEqual([400, 'path: must name a file, without ".."']);
  expect(await refused(query('/nowhere/x'))).toEqual([
    400,
    'cannot write /nowhere/x: the directory "nowhere" on the way does not exist',
  ]);
  expect(await refused('path=/root/x')).toEqual([
    400,
    'container: a container must be named: choose one of init-myapp, init-mydb, myapp-container',
  ]);
});

test("Temporal's own signal unblocks the first; a file for the second was waiting for it to start", async () => {
  const early = file('container=init-mydb&path=/root/early', 'hi');
  const { uid } = (await curl(POD)).body.metadata;
  const ports = JSON.parse(readFileSync(join(durapod.home, 'ports.json'), 'utf8'));
  const input = JSON.stringify({ container: 'init-myapp', path: '/root/myapp' });
  const temporal = (...args: string[]) =>
    run(findTool('temporal')!, ['workflow', ...args, '--address', `127.0.0.1:${ports.temporal}`]);
  const workflow = ['--workflow-id', `pod/default/myapp-pod/${uid}`];
  const signal = await temporal('signal', ...workflow, '--name', 'createFile', '--input', input);
  expect([signal.code, signal.stdout + signal.stderr]).toEqual([0, expect.stringContaining('succeeded')]);
  await reaches('Pending terminated running');
  expect(await early).toEqual({
    code: 201,
    body: { pod: 'myapp-pod', container: 'init-mydb', path: '/root/early', bytes: 2, mode: '0644' },
  });
  expect(await inside('init-mydb', 'cat', '/root/early')).toBe('hi');
  const ended = await file('container=init-myapp&path=/root/late');
  expect([ended.code, ended.body.message]).toEqual([409, 'container "init-myapp" has ended (Completed)']);
  const again = await curl(`${POD}/restart?container=init-myapp`, '-X', 'POST');
  expect([again.code, again.body.reason, again.body.details.causes]).toEqual([
    409,
    'Conflict',
    [
      {
        reason: 'ContainerNotRunning',
        message: 'container "init-myapp" has ended for good (Completed): restart the Pod, which runs it again',
      },
    ],
  ]);

  // A signal is not answered, so what is wrong with it is told by an event.
  const outside = JSON.stringify({ container: 'init-mydb', path: '/root/../../../etc/../nowhere/x' });
  await temporal('signal', ...workflow, '--name', 'createFile', '--input', outside);
  const failed = await until('the event', async () => {
    const { items } = (await curl('/api/v1/namespaces/default/events?fieldSelector=reason%3DFailedCreateFile')).body;
    return items[0]?.message;
  });
  expect(failed).toBe(
    '/root/../../../etc/../nowhere/x: cannot write /root/../../../etc/../nowhere/x: the directory "nowhere" on the way does not exist',
  );
  const found = await temporal('list', '--query', 'PodName="myapp-pod" and PodPhase="Pending"');
  expect(found.stdout).toContain(uid);
});

test('watch, from the file that unblocks the second to the DELETE', async () => {
  const { resourceVersion } = (await curl(PODS)).body.metadata;
  const query = `watch=1&fieldSelector=metadata.name%3Dmyapp-pod&resourceVersion=${resourceVersion}`;
  await using watch = new Running(durapod, 'curl', [...withToken(), '-N', `${durapod.url}${PODS}?${query}`]);
  expect((await file('container=init-mydb&path=/root/mydb')).code).toBe(201);
  await reaches('Running terminated terminated');
  const logs = await until('its log', async () => (await curl(`${POD}/log`)).body);
  expect(logs).toBe('The app is running!\n');

  const deletion = '{"gracePeriodSeconds":1}';
  const json = ['-H', 'Content-Type: application/json', '-d', deletion];
  const { code, body } = await curl(POD, '-X', 'DELETE', ...json);
  expect([code, body.kind, body.metadata.deletionGracePeriodSeconds]).toEqual([200, 'Pod', 1]);
  await watch.prints('"DELETED"');
  expect((await curl(POD)).code).toBe(404);
  const seen = watch.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const told = seen.map(({ type, object }) => [type, object.status.phase, object.metadata.deletionTimestamp ? 1 : 0]);
  const changes = told.map((entry) => entry.join(' ')).filter((entry, index, all) => entry !== all[index - 1]);
  expect(changes).toEqual([
    'MODIFIED Pending 0',
    'MODIFIED Running 0',
    'MODIFIED Running 1',
    'MODIFIED Failed 1',
    'DELETED Failed 1',
  ]);
});

test('POST as JSON', async () => {
  const pod = JSON.stringify({ ...parse(readFileSync(MANIFEST, 'utf8')), metadata: { generateName: 'again-' } });
  const created = await curl(PODS, '-X', 'POST', '-H', 'Content-Type: application/json', '-d', pod);
  expect([created.code, created.body.metadata.name]).toEqual([201, expect.stringMatching(/^again-[a-z0-9]{5}$/)]);
  const path = `${PODS}/${created.body.metadata.name}`;
  expect((await curl(`${path}?gracePeriodSeconds=0`, '-X', 'DELETE')).code).toBe(200);
  await until('gone', async () => (await curl(path)).code === 404 || undefined);
});
