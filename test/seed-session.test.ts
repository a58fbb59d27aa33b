/** The session of the README, typed by a person with kubectl; each test goes on where the one before ended. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Durapod } from './durapod.ts';
import { deletions, onTerminal, type Running, running, table, until } from './shell.ts';

const MANIFEST = fileURLToPath(new URL('../examples/initc.yaml', import.meta.url));
const HEAD = ['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE'];
/** In either order: the runtime reads standard output and standard error apart. */
const LINES = ['... no such file or directory!', "cat: can't open '/root/myapp': No such file or directory"];
const sorted = (text: string) => text.trim().split('\n').sort();

let durapod: Durapod;
let watch: Running;
const ok = (...args: string[]) => durapod.ok(...args);
const fails = async (...args: string[]) => {
  const { code, stderr } = await durapod.kubectl(...args);
  return [code, stderr];
};
const jsonpath = (path: string) => ok('get', 'pod', 'myapp-pod', '-o', `jsonpath={${path}}`);
const waitFor = (path: string) => ok('wait', '--timeout=30s', `--for=jsonpath={${path}}`, 'pod/myapp-pod');

beforeAll(async () => {
  durapod = await Durapod.start(['--node-name', 'box']);
  watch = running(durapod, 'get', 'pod', '-w', '--output-watch-events');
});
afterAll(async () => {
  await watch?.[Symbol.asyncDispose]();
  await durapod?.down();
});

test('create, once', async () => {
  expect(await ok('create', '-f', MANIFEST)).toBe('pod/myapp-pod created\n');
  expect(await fails('create', '-f', MANIFEST)).toEqual([
    1,
    `Error from server (AlreadyExists): error when creating "${MANIFEST}": pods "myapp-pod" already exists\n`,
  ]);
  expect(await waitFor('.status.initContainerStatuses[0].state.running')).toBe('pod/myapp-pod condition met\n');
});

test('get: tables, selectors, all namespaces', async () => {
  const row = ['myapp-pod', '0/1', 'Init:0/2', '0', 'AGE'];
  expect(table(await ok('get', 'pod'))).toEqual([HEAD, row]);
  expect(table(await ok('get', 'pods', '-A'))).toEqual([
    ['NAMESPACE', ...HEAD],
    ['default', ...row],
  ]);
  const ip = await jsonpath('.status.podIP');
  expect(ip).toMatch(/^10\.\d+\.\d+\.\d+$/);
  expect(table(await ok('get', 'pod', 'myapp-pod', '-o', 'wide'))).toEqual([
    [...HEAD, 'IP', 'NODE', 'NOMINATED NODE', 'READINESS GATES'],
    [...row, ip, 'box', '<none>', '<none>'],
  ]);
  const names = (...args: string[]) => ok('get', 'pods', '-o', 'name', ...args);
  expect(await names('-l', 'app=myapp,version in (v1,v2)')).toBe('pod/myapp-pod\n');
  expect(await names('-l', 'app!=myapp')).toBe('');
  expect(await names('--field-selector', 'status.phase=Pending,spec.nodeName=box')).toBe('pod/myapp-pod\n');
  expect(await names('--field-selector', 'status.phase=Running')).toBe('');
  expect(table(await ok('get', 'po', '--show-labels', '--no-headers'))).toEqual([[...row, 'app=myapp,version=v1']]);
  expect(await fails('get', 'pod', 'nope')).toEqual([1, 'Error from server (NotFound): pods "nope" not found\n']);
});

test('get as JSON and YAML', async () => {
  const pod = JSON.parse(await ok('get', 'pod', 'myapp-pod', '-o', 'json'));
  expect(pod.metadata).toEqual({
    name: 'myapp-pod',
    namespace: 'default',
    labels: { app: 'myapp', version: 'v1' },
    generation: 1,
    uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    resourceVersion: expect.stringMatching(/^\d+$/),
    creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  expect(pod.status.phase).toBe('Pending');
  const volumeMounts = [
    {
      name: expect.stringMatching(/^kube-api-access-/),
      mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
      readOnly: true,
      recursiveReadOnly: 'Disabled',
    },
  ];
  expect(pod.status.initContainerStatuses).toEqual([
    {
      name: 'init-myapp',
      image: 'busybox:v1',
      imageID: expect.stringMatching(/^sha256:/),
      containerID: expect.stringMatching(/^containerd:\/\/[0-9a-f]{64}$/),
      ready: false,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: expect.any(String) } },
      lastState: {},
      resources: {},
      volumeMounts,
    },
    {
      name: 'init-mydb',
      image: 'busybox:v1',
      imageID: '',
      ready: false,
      started: false,
      restartCount: 0,
      state: { waiting: { reason: 'PodInitializing' } },
      lastState: {},
      resources: {},
      volumeMounts,
    },
  ]);
  const conditions = pod.status.conditions.map((c: { type: string; status: string; reason?: string }) =>
    [c.type, c.status, c.reason ?? ''].join(' ').trim(),
  );
  expect(conditions.sort()).toEqual([
    'ContainersReady False ContainersNotReady',
    'Initialized False ContainersNotInitialized',
    'PodReadyToStartContainers True',
    'PodScheduled True',
    'Ready False ContainersNotReady',
  ]);
  const yaml = await ok('get', 'pod', 'myapp-pod', '-o', 'yaml');
  expect(yaml).toContain('  restartPolicy: Always\n  schedulerName: default-scheduler\n');
  expect(yaml).toContain(`  uid: ${pod.metadata.uid}\n`);
});

test('describe', async () => {
  const text = await ok('describe', 'pod', 'myapp-pod');
  const [head, events] = text.split('Events:\n');
  const lines = (head ?? '').split('\n').map((line) => line.trim().replace(/\s{2,}/g, ' '));
  expect(lines).toEqual(
    expect.arrayContaining([
      'Name: myapp-pod',
      'Status: Pending',
      'Init Containers:',
      'State: Running',
      'State: Waiting',
      'Reason: PodInitializing',
      'Restart Count: 0',
      'Initialized False',
      'PodScheduled True',
      'QoS Class: BestEffort',
    ]),
  );
  // Since 1.35 kubectl says which container an event is about.
  expect(table((events ?? '').replaceAll(/spec\.\w+\{[\w-]+\}: /g, '')).slice(2)).toEqual([
    ['Normal', 'Scheduled', 'AGE', 'durapod-scheduler', 'Successfully assigned default/myapp-pod to box'],
    ['Normal', 'Pulled', 'AGE', 'durapod', 'Container image "busybox:v1" already present on machine'],
    ['Normal', 'Created', 'AGE', 'durapod', 'Container created'],
    ['Normal', 'Started', 'AGE', 'durapod', 'Container started'],
  ]);
});

/** The address of the Pod and what its Service says of it. */
const endpoints = async () => {
  const path = '{.items[*].endpoints[*].addresses[0]} {.items[*].endpoints[*].conditions.ready}';
  const slices = ok('get', 'endpointslices', '-l', 'kubernetes.io/service-name=web', '-o', `jsonpath=${path}`);
  const described = (await ok('describe', 'service', 'web')).match(/^Endpoints: *(.*)$/m)?.[1];
  return [await slices, described];
};

test('a Service: who is not ready is no endpoint that is shown', async () => {
  expect(await durapod.kubectl('expose', 'pod', 'myapp-pod', '--name=web', '--port=80')).toEqual({
    code: 0,
    stdout: 'service/web exposed\n',
    stderr: expect.stringMatching(
      /^Warning: nothing proxies the address of a Service here: reach Pods by their own, .*\n$/,
    ),
  });
  const ip = await jsonpath('.status.podIP');
  await expect.poll(endpoints, { timeout: 5_000 }).toEqual([`${ip} false`, '']);
});

test('logs, and what their flags do', async () => {
  const logs = (...args: string[]) => ok('logs', 'myapp-pod', ...args);
  await using follow = running(durapod, 'logs', '-f', 'myapp-pod', '-c', 'init-myapp');
  await until('four lines', () => follow.text.split('\n').length > 4 || undefined);
  expect([...new Set(sorted(follow.text))]).toEqual(LINES);
  expect((await logs('-c', 'init-myapp', '--tail=2')).split('\n').length).toBe(3);
  expect(await logs('-c', 'init-myapp', '--tail=0')).toBe('');
  expect((await logs('-c', 'init-myapp', '--limit-bytes=12')).length).toBe(12);
  expect(await logs('-c', 'init-myapp', '--tail=1', '--timestamps')).toMatch(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z .* such file or directory!?\n$/,
  );
  const all = await logs('-c', 'init-myapp');
  expect((await logs('-c', 'init-myapp', '--since=1s')).length).toBeLessThan(all.length);
  expect((await logs('-c', 'init-myapp', '--since=1h')).slice(0, all.length)).toBe(all);
  const later = new Date(Date.now() + 3600_000).toISOString();
  expect(await logs('-c', 'init-myapp', `--since-time=${later}`)).toBe('');
  expect(await ok('logs', '-l', 'app=myapp', '-c', 'init-myapp', '--prefix', '--tail=1')).toEqual(
    expect.stringMatching(/^\[pod\/myapp-pod\/init-myapp\] .*o such file or directory!?\n$/),
  );
  expect(await fails('logs', 'myapp-pod', '-c', 'init-myapp', '--previous')).toEqual([
    1,
    'Error from server (BadRequest): previous terminated container "init-myapp" in pod "myapp-pod" not found\n',
  ]);
  expect(await fails('logs', 'myapp-pod', '-c', 'myapp-container')).toEqual([
    1,
    'Error from server (BadRequest): container "myapp-container" in pod "myapp-pod" is waiting to start: PodInitializing\n',
  ]);
});

test('exec: output, exit code, standard input, and what cannot be entered', async () => {
  const init = ['myapp-pod', '-c', 'init-myapp', '--'];
  expect(await durapod.kubectl('exec', ...init, 'sh', '-c', 'echo out; echo err >&2; exit 3')).toEqual({
    code: 3,
    stdout: 'out\n',
    stderr: 'err\ncommand terminated with exit code 3\n',
  });
  const bytes = 'x'.repeat(200_000);
  expect(await durapod.kubectlWith(bytes, 'exec', '-i', ...init, 'sh', '-c', 'cat; echo end')).toEqual({
    code: 0,
    stdout: `${bytes}end\n`,
    stderr: '',
  });
  expect(await fails('exec', 'myapp-pod', '-c', 'init-mydb', '--', 'true')).toEqual([
    1,
    expect.stringMatching(
      /container "init-mydb" in pod "myapp-pod" (has not been created yet|is not running: it is created)\n$/,
    ),
  ]);
});

test('exec on a terminal: its size, its change, its exit code', async () => {
  const go = join(durapod.home, 'go');
  // The size comes just after the program starts, here as in a cluster.
  const size = (wanted: string) => `until test "$(stty size 2>/dev/null)" = "${wanted}"; do sleep 0.1; done; stty size`;
  const script = `${size('40 132')}; ${size('20 70')}; exit 5`;
  const exec = `kubectl exec -it myapp-pod -c init-myapp -- sh -c '${script}'`;
  await using terminal = onTerminal(
    durapod,
    `(until test -e ${go}; do sleep 0.1; done; stty rows 20 cols 70 </dev/tty) & ${exec}`,
  );
  await terminal.prints('40 132');
  writeFileSync(go, '');
  expect([await terminal.exit(), terminal.text]).toEqual([5, '40 132\n20 70\ncommand terminated with exit code 5\n']);
});

test('touch on a terminal ends the first init container', async () => {
  await using terminal = onTerminal(durapod, 'kubectl exec -it myapp-pod -c init-myapp -- touch /root/myapp');
  expect([await terminal.exit(), terminal.text]).toEqual([0, '']);
  await ok('wait', '--timeout=30s', '--for=jsonpath={.status.initContainerStatuses[1].started}=true', 'pod/myapp-pod');
  expect(table(await ok('get', 'pod', '--no-headers'))).toEqual([['myapp-pod', '0/1', 'Init:1/2', '0', 'AGE']]);
  const first = JSON.parse(await jsonpath('.status.initContainerStatuses[0]'));
  expect([first.ready, first.state]).toEqual([
    true,
    {
      terminated: {
        exitCode: 0,
        reason: 'Completed',
        containerID: first.containerID,
        startedAt: expect.any(String),
        finishedAt: expect.any(String),
      },
    },
  ]);
  expect(await fails('exec', 'myapp-pod', '-c', 'init-myapp', '--', 'true')).toEqual([
    1,
    // What comes before is kubectl's, and not the same in 1.35 and 1.36.
    expect.stringMatching(/: container "init-myapp" in pod "myapp-pod" is not running: it is exited\n$/),
  ]);
  expect(sorted(await ok('logs', 'myapp-pod', '-c', 'init-myapp', '--tail=2'))).toEqual(LINES);
});

test('a shell in the second one, and the Pod runs', async () => {
  await using shell = onTerminal(durapod, 'kubectl exec -it myapp-pod -c init-mydb -- sh');
  await shell.prints('# ');
  shell.type('touch /root/mydb; exit 7\n');
  expect(await shell.exit()).toBe(7);
  expect(await ok('wait', '--timeout=30s', '--for=condition=Ready', 'pod/myapp-pod')).toBe(
    'pod/myapp-pod condition met\n',
  );
  expect(table(await ok('get', 'pod', '--no-headers'))).toEqual([['myapp-pod', '1/1', 'Running', '0', 'AGE']]);
  const all = sorted(await ok('logs', 'myapp-pod', '--all-containers'));
  expect([...new Set(all)].sort()).toEqual([
    LINES[0],
    'The app is running!',
    LINES[1],
    "cat: can't open '/root/mydb': No such file or directory",
  ]);
  await watch.prints('Running');
});

test('the Service has it now', async () => {
  const ip = await jsonpath('.status.podIP');
  await expect.poll(endpoints, { timeout: 5_000 }).toEqual([`${ip} true`, `${ip}:80`]);
});

test('delete, with the grace period asked for', async () => {
  await using gone = running(durapod, 'wait', '--timeout=40s', '--for=delete', 'pod/myapp-pod');
  expect(deletions(await ok('delete', 'pod', 'myapp-pod', '--grace-period=1'))).toBe('pod "myapp-pod" deleted\n');
  expect([await gone.exit(), gone.text]).toEqual([0, 'pod/myapp-pod condition met\n']);
  const { stdout, stderr } = await durapod.kubectl('get', 'pod');
  expect([stdout, stderr]).toEqual(['', 'No resources found in default namespace.\n']);
  const ofPods = ['--field-selector', 'involvedObject.kind=Pod'];
  const events = await ok('get', 'events', ...ofPods, '-o', 'jsonpath={range .items[*]}{.reason} {end}');
  expect(events.trim().split(' ').sort()).toEqual([
    'Created',
    'Created',
    'Created',
    'Killing',
    'Pulled',
    'Pulled',
    'Pulled',
    'Scheduled',
    'Started',
    'Started',
    'Started',
  ]);
});

test('the watch saw it all in order', async () => {
  await watch.prints('DELETED');
  const seen = table(watch.text).slice(1);
  expect([seen[0]?.[0], seen.at(-1)?.[0]]).toEqual(['ADDED', 'DELETED']);
  const states = seen.map(([, , ready, status]) => `${ready} ${status}`);
  expect(states.filter((state, index) => state !== states[index - 1])).toEqual([
    '0/1 Pending',
    '0/1 Init:0/2',
    '0/1 Init:1/2',
    '0/1 PodInitializing',
    '1/1 Running',
    '1/1 Terminating',
    '0/1 Terminating',
    '0/1 Error',
  ]);
});
