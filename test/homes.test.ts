/** Several durapods on one machine, stopped, resumed and removed; simulated containers; what stands in the way. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bridgeName } from '../cli/containerd.ts';
import { mountsBelow } from '../cli/leftovers.ts';
import { Durapod, GUARD, run } from './durapod.ts';
import { deletions, table, until } from './shell.ts';

const MAIN = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const MANIFEST = fileURLToPath(new URL('../examples/initc.yaml', import.meta.url));

const cli = (...args: string[]) => run(process.execPath, [MAIN, ...args]);
const rowOf = async (durapod: Durapod) => table(await durapod.ok('get', 'pod', '--no-headers')).flat();

/** Ids of the processes with this on their command line, but for the tests' own. */
function processes(part: string): number[] {
  const running = (pid: number) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return line.includes(part) && !line.includes(GUARD);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && running(pid));
}

/** What the kernel has of a durapod with containers. */
async function traces(home: string, marker: string) {
  const rules = await run('iptables', ['-w', '10', '-t', 'nat', '-S']);
  return {
    home: existsSync(home),
    processes: processes(home).length > 0,
    containers: processes(marker).length,
    mounts: mountsBelow(readFileSync('/proc/self/mountinfo', 'utf8'), home).length > 0,
    bridge: existsSync(`/sys/class/net/${bridgeName(home)}`),
    rules: rules.stdout.includes(bridgeName(home)),
  };
}
const ALL = { home: true, processes: true, containers: 1, mounts: true, bridge: true, rules: true };
const NONE = { home: false, processes: false, containers: 0, mounts: false, bridge: false, rules: false };

describe('two homes on real containers', () => {
  let one: Durapod;
  let two: Durapod;
  beforeAll(async () => {
    const [first, second] = await Promise.allSettled([
      Durapod.start(['--node-name', 'one']),
      Durapod.start(['--node-name', 'two']),
    ]);
    if (first.status === 'fulfilled') one = first.value;
    if (second.status === 'fulfilled') two = second.value;
    for (const start of [first, second]) if (start.status === 'rejected') throw start.reason;
  });
  afterAll(() => Promise.all([one?.down(), two?.down()]));

  const marker = (durapod: Durapod) => `marker-${durapod.port}`;
  const create = async (durapod: Durapod) => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web' },
      spec: {
        terminationGracePeriodSeconds: 1,
        initContainers: [{ name: 'init', image: 'busybox:v1', command: ['sh', '-c', 'hostname > /data/runs'] }],
        containers: [
          {
            name: 'main',
            image: 'busybox:v1',
            command: ['sh', '-c', `echo ready; while sleep 1; do : ${marker(durapod)}; done`],
            volumeMounts: [{ name: 'data', mountPath: '/data' }],
          },
        ],
        volumes: [{ name: 'data', emptyDir: {} }],
      },
    };
    Object.assign(pod.spec.initContainers[0]!, { volumeMounts: [{ name: 'data', mountPath: '/data' }] });
    await durapod.create(pod);
    await durapod.ok('wait', '--for=condition=Ready', '--timeout=40s', 'pod/web');
  };

  test('each has its own Pods, of the same name', async () => {
    await Promise.all([create(one), create(two)]);
    const seen = await Promise.all(
      [one, two].map((durapod) => durapod.ok('get', 'pod', '-o', 'jsonpath={.items[*].spec.nodeName}')),
    );
    expect(seen).toEqual(['one', 'two']);
    expect(await traces(one.home, marker(one))).toEqual(ALL);
    expect(await traces(two.home, marker(two))).toEqual(ALL);
    const stranger = await run('kubectl', ['--kubeconfig', one.kubeconfig, '-s', two.url, 'get', 'pods']);
    expect([stranger.code, stranger.stdout]).toEqual([1, '']);
  });

  test('Ctrl-C leaves the Pods running, and `up` goes on with them', async () => {
    const before = await one.ok('get', 'pod', 'web', '-o', 'jsonpath={.metadata.uid} {.status}');
    const [container] = processes(marker(one));
    await one.interrupt();
    expect(processes(marker(one))).toEqual([container]);
    const refused = await one.kubectl('get', 'pods');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('was refused')]);

    await one.up();
    expect(await one.ok('get', 'pod', 'web', '-o', 'jsonpath={.metadata.uid} {.status}')).toBe(before);
    expect(processes(marker(one))).toEqual([container]);
    expect(await one.ok('exec', 'web', '--', 'cat', '/data/runs')).toBe('web\n');
    expect(await one.ok('logs', 'web')).toBe('ready\n');
  });

  test('`down` leaves nothing of the one, and nothing happens to the other', async () => {
    const [container] = processes(marker(two));
    const down = await cli('down', '--home', one.home);
    expect([down.code, down.stderr]).toEqual([0, expect.stringContaining('containers (1 Pod) … ')]);
    expect(await traces(one.home, marker(one))).toEqual(NONE);
    expect(await traces(two.home, marker(two))).toEqual(ALL);
    expect(processes(marker(two))).toEqual([container]);
    expect(await rowOf(two)).toEqual(['web', '1/1', 'Running', '0', 'AGE']);
    expect(await two.ok('exec', 'web', '--', 'hostname')).toBe('web\n');
  });

  test('`down` after Ctrl-C', async () => {
    await two.interrupt();
    const down = await cli('down', '--home', two.home);
    expect([down.code, down.stderr]).toEqual([0, expect.stringContaining('containers (1 Pod) … ')]);
    expect(await traces(two.home, marker(two))).toEqual(NONE);
    const again = await cli('down', '--home', two.home);
    expect([again.code, again.stderr]).toEqual([
      0,
      `nothing to remove: ${two.home} is not a state directory of durapod\n`,
    ]);
  });
});

test('a Node that a client deleted is there again with the next start, also after its silence was noticed', async () => {
  const durapod = await Durapod.start(['--runtime', 'sim', '--node-name', 'box']);
  onTestFinished(() => durapod.down());
  await durapod.ok('delete', 'node', 'box');
  durapod.kill('durapod');
  await durapod.ended();
  // Longer than its heartbeat's time-out: the next process finds the old one silent.
  await sleep(6_000);
  await durapod.up();
  await durapod.ok('wait', '--for=condition=Ready', 'node/box', '--timeout=20s');
  await durapod.interrupt();
});

test('the session on simulated containers', async () => {
  const durapod = await Durapod.start(['--runtime', 'sim']);
  onTestFinished(() => durapod.down());
  expect(durapod.output).toContain('containers are SIMULATED (--runtime sim): no program really runs\n');
  const reaches = (ready: string, status: string) =>
    until(status, async () => (await rowOf(durapod)).slice(1, 3).join(' ') === `${ready} ${status}` || undefined);
  const init = (name: string) => ['myapp-pod', '-c', name];
  await durapod.ok('create', '-f', MANIFEST);
  await durapod.ok(
    'wait',
    '--timeout=40s',
    '--for=jsonpath={.status.initContainerStatuses[0].started}=true',
    'pod',
    '--all',
  );
  await reaches('0/1', 'Init:0/2');
  expect(await durapod.ok('logs', ...init('init-myapp'), '--tail=1')).toBe('... no such file or directory!\n');
  expect(await durapod.kubectl('exec', ...init('init-myapp'), '--', 'touch', '/root/myapp')).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'Error from server (NotImplemented): simulated containers (--runtime sim) have no terminal and no network: exec, attach and port-forward need real ones\n',
  });
  const unblock = (query: string) =>
    durapod.ok('create', '--raw', `/api/v1/namespaces/default/pods/myapp-pod/files?${query}`, '-f', '/dev/null');
  await unblock('container=init-myapp&path=/root/myapp');
  await reaches('0/1', 'Init:1/2');
  await unblock('container=init-mydb&path=/root/mydb');
  await reaches('1/1', 'Running');
  expect(await durapod.ok('logs', 'myapp-pod')).toBe('The app is running!\n');
  expect(deletions(await durapod.ok('delete', 'pod', 'myapp-pod', '--grace-period=1'))).toBe(
    'pod "myapp-pod" deleted\n',
  );

  // What is left is removed by `down`, a volume in memory included.
  await durapod.ok('create', '-f', MANIFEST);
  await reaches('0/1', 'Init:0/2');
  const down = await cli('down', '--home', durapod.home);
  expect([down.code, existsSync(durapod.home)]).toEqual([0, false]);
});

test('without root: one line each with what to do', async () => {
  const home = mkdtempSync(join(tmpdir(), 'durapod-'));
  try {
    // Nobody may not read everybody's checkout: this user may, and is still not root.
    const user = ['--reuid=65534', '--regid=65534', '--clear-groups'];
    const caps = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
    const rights = [...caps, '--securebits=+no_setuid_fixup'];
    const up = ['up', '--home', join(home, 'state')];
    const { code, stdout, stderr } = await run('setpriv', [...user, ...rights, process.execPath, MAIN, ...up]);
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      'durapod: not root: containers need root; run with sudo, or use --runtime sim\n',
    ]);
    expect(existsSync(join(home, 'state'))).toBe(false);
  } finally {
    rmSync(home, { recursive: true });
  }
});
