/**
 * Everything is killed, in every combination, under Pods in every state: each goes on from where it was, exactly.
 * Programs add a line to a file on the host for each of their runs, so that runs are counted from outside.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerStatus, Pod } from '../pod/types.ts';
import { openCriRuntime } from '../runtime/cri/runtime.ts';
import { Durapod } from './durapod.ts';
import { soak } from './soak/soak.ts';

type Victim = 'durapod' | 'temporal' | 'containerd';

let durapod: Durapod;
beforeAll(async () => {
  durapod = await Durapod.start();
});
afterAll(() => durapod?.down());

const WAIT_MS = 60_000;
const note = (name: string) => `echo ${name} >>/out/runs`;
const blocked = (file: string) => `until [ -e ${file} ]; do sleep 0.1; done`;
const FOREVER = "trap 'exit 0' TERM; sleep 3600 & wait";

interface Program {
  name: string;
  script: string;
}

function podOf(name: string, restartPolicy: string, inits: Program[], main: string, readiness = false): Pod {
  const container = (program: Program) => ({
    name: program.name,
    image: 'busybox:v1',
    command: ['sh', '-c', `${note(program.name)}; ${program.script}`],
    volumeMounts: [{ name: 'out', mountPath: '/out' }],
  });
  const readinessProbe = { exec: { command: ['true'] }, periodSeconds: 1 };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy,
      terminationGracePeriodSeconds: 10,
      initContainers: inits.map(container),
      containers: [{ ...container({ name: 'main', script: main }), ...(readiness && { readinessProbe }) }],
      volumes: [{ name: 'out', hostPath: { path: directory(name), type: 'DirectoryOrCreate' } }],
    },
  };
}

function directory(pod: string): string {
  return join(durapod.home, 'out', pod);
}

function runs(pod: string): string[] {
  return readFileSync(join(directory(pod), 'runs'), 'utf8')
    .split('\n')
    .filter(Boolean);
}

/** A container that runs may not have come to write it down. */
const expectRuns = (pod: string, expected: string[]) =>
  expect.poll(() => runs(pod), { timeout: 5_000 }).toEqual(expected);

const create = (...pods: Pod[]) => durapod.create(...pods);

async function get(name: string): Promise<Pod | undefined> {
  const { code, stdout, stderr } = await durapod.kubectl('get', 'pod', name, '-o', 'json');
  if (code === 0) return JSON.parse(stdout) as Pod;
  if (stderr.includes('NotFound')) return undefined;
  throw new Error(stderr);
}

/** Waits until the Pod is as wanted; a time-out shows how it is instead. */
async function until(name: string, wanted: (pod: Pod) => boolean): Promise<Pod> {
  let last: Pod | undefined;
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await sleep(200)) {
    last = await get(name).catch(() => last);
    if (last && wanted(last)) return last;
  }
  throw new Error(`${name} did not get there: ${JSON.stringify(last?.status, null, 1)}`);
}

async function untilGone(name: string): Promise<void> {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await sleep(200)) {
    if (!(await get(name).catch(() => ({})))) return;
  }
  throw new Error(`${name} is still there`);
}

function statusOf(pod: Pod, container: string): Partial<ContainerStatus> {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  return [...initContainerStatuses, ...containerStatuses].find((s) => s.name === container) ?? {};
}

/** Runs a command in a container; a runtime on its way back is waited for. */
async function exec(pod: string, container: string, ...command: string[]): Promise<string> {
  for (const end = Date.now() + WAIT_MS; ; await sleep(200)) {
    const { code, stdout, stderr } = await durapod.kubectl('exec', pod, '-c', container, '--', ...command);
    if (code === 0) return stdout;
    if (!stderr.includes('ServiceUnavailable') || Date.now() > end) throw new Error(stderr);
  }
}

const isRunning = (container: string) => (pod: Pod) => statusOf(pod, container).state?.running !== undefined;
const isReady = (pod: Pod) => pod.status?.conditions?.find((c) => c.type === 'Ready')?.status === 'True';
const restarts = (pod: Pod) =>
  [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].map((s) => s.restartCount);
const touch = (pod: string, file: string) => writeFileSync(join(directory(pod), file), '');

async function kill(victims: Victim[], meanwhile: () => void = () => undefined): Promise<void> {
  durapod.kill(...victims);
  if (victims.includes('durapod')) await durapod.ended();
  meanwhile();
  if (victims.includes('durapod')) await durapod.up();
}

const KILLS: Victim[][] = [
  ['durapod'],
  ['temporal'],
  ['containerd'],
  ['durapod', 'containerd'],
  ['temporal', 'containerd'],
  ['durapod', 'temporal', 'containerd'],
];

describe.each(KILLS.map((victims) => [victims.join(' + '), victims] as const))('kill -9 of %s', (title, victims) => {
  const tag = title.replaceAll(' + ', '-');
  const pod = (kind: string) => `${kind}-${tag}`;
  const twoInits = [
    { name: 'init-1', script: blocked('/out/go-1') },
    { name: 'init-2', script: blocked('/out/go-2') },
  ];
  let before: { blocked: Pod; running: Pod; crashing: Pod };
  let killedAt = 0;

  beforeAll(async () => {
    await create(
      podOf(pod('blocked'), 'Always', [{ name: 'init-1', script: blocked('/root/go') }], FOREVER),
      podOf(pod('between'), 'Never', twoInits, FOREVER),
      podOf(pod('running'), 'Always', [{ name: 'init-1', script: 'true' }], FOREVER, true),
      podOf(pod('crashing'), 'Always', [], 'exit 3'),
      podOf(pod('ending'), 'Never', [], `${blocked('/out/go')}; exit 42`),
      podOf(pod('deleted'), 'Always', [], "trap 'sleep 3; echo ended >>/out/runs; exit 0' TERM; sleep 3600 & wait"),
    );
    await until(pod('between'), isRunning('init-1'));
    await until(pod('ending'), isRunning('main'));
    await until(pod('deleted'), isRunning('main'));
    before = {
      blocked: await until(pod('blocked'), isRunning('init-1')),
      running: await until(pod('running'), isReady),
      crashing: await until(pod('crashing'), (p) => {
        const main = statusOf(p, 'main');
        return main.restartCount === 1 && main.state?.waiting?.reason === 'CrashLoopBackOff';
      }),
    };
    await exec(pod('blocked'), 'init-1', 'touch', '/root/kept');
    await durapod.ok('delete', 'pod', pod('deleted'), '--wait=false');
    touch(pod('between'), 'go-1');
    // Somewhere between the end of the first init container and the start of the second.
    await sleep(KILLS.indexOf(victims) * 40);
    killedAt = Date.now();
    await kill([...victims], () => touch(pod('ending'), 'go'));
  });
  afterAll(async () => {
    const names = ['blocked', 'between', 'running', 'crashing', 'ending'].map(pod);
    await durapod.ok('delete', 'pods', ...names, '--grace-period=1', '--timeout=60s');
  });

  test('a blocked init container goes on with its files', async () => {
    expect(await exec(pod('blocked'), 'init-1', 'ls', '/root')).toBe('kept\n');
    await exec(pod('blocked'), 'init-1', 'touch', '/root/go');
    const after = await until(pod('blocked'), isRunning('main'));
    expect(statusOf(after, 'init-1').containerID).toBe(statusOf(before.blocked, 'init-1').containerID);
    expect(statusOf(after, 'init-1').state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
    expect(restarts(after)).toEqual([0, 0]);
    await expectRuns(pod('blocked'), ['init-1', 'main']);
  });

  test('between two init containers none is run again and none skipped', async () => {
    await until(pod('between'), isRunning('init-2'));
    touch(pod('between'), 'go-2');
    const after = await until(pod('between'), isRunning('main'));
    expect(restarts(after)).toEqual([0, 0, 0]);
    await expectRuns(pod('between'), ['init-1', 'init-2', 'main']);
  });

  test('a running container runs on, and its Pod is Ready as it was', async () => {
    const after = await until(pod('running'), isReady);
    const readySince = (p: Pod) => p.status?.conditions?.find((c) => c.type === 'Ready')?.lastTransitionTime;
    expect(readySince(after)).toBe(readySince(before.running));
    expect(statusOf(after, 'main')).toEqual(statusOf(before.running, 'main'));
    await expectRuns(pod('running'), ['init-1', 'main']);
  });

  test('a back-off stands: the next try comes when it was due', async () => {
    const after = await until(pod('crashing'), (p) => statusOf(p, 'main').restartCount === 2);
    const second = Date.parse(statusOf(before.crashing, 'main').lastState?.terminated?.finishedAt ?? '');
    const { state, lastState } = statusOf(after, 'main');
    const third = Date.parse((state?.running ?? state?.terminated ?? lastState?.terminated)?.startedAt ?? '');
    // Times of a status are in whole seconds.
    expect(third - second).toBeGreaterThanOrEqual(9_000);
    expect(third).toBeLessThan(Math.max(second + 10_000, killedAt + 10_000) + 10_000);
    await expectRuns(pod('crashing'), ['main', 'main', 'main']);
  });

  test('the exit code of what ends meanwhile is the true one', async () => {
    const after = await until(pod('ending'), (p) => p.status?.phase === 'Failed');
    expect(statusOf(after, 'main').state?.terminated).toMatchObject({ exitCode: 42, reason: 'Error' });
    await expectRuns(pod('ending'), ['main']);
  });

  test('a deletion goes through, with the grace period that it gave', async () => {
    await untilGone(pod('deleted'));
    await expectRuns(pod('deleted'), ['main', 'ended']);
  });
});

describe('a lost sandbox', () => {
  const inits = [
    { name: 'init-1', script: 'true' },
    { name: 'init-2', script: 'true' },
  ];

  test.each([
    ['while durapod runs', 'lost-seen', []],
    ['while durapod is down', 'lost-unseen', ['durapod']],
  ] as [string, string, Victim[]][])('%s: all init containers run again in a new one', async (_, name, victims) => {
    await create(podOf(name, 'Always', inits, FOREVER));
    const before = await until(name, isReady);
    const pause = await pausePid(before);
    await kill(victims, () => process.kill(pause, 'SIGKILL'));
    const after = await until(name, (p) => statusOf(p, 'main').restartCount === 1 && isReady(p));
    expect(restarts(after)).toEqual([1, 1, 1]);
    expect(runs(name)).toEqual(['init-1', 'init-2', 'main', 'init-1', 'init-2', 'main']);
    await durapod.ok('delete', 'pod', name, '--timeout=60s');
  });
});

/** The process that holds a Pod's sandbox. */
async function pausePid(pod: Pod): Promise<number> {
  const runtime = await openCriRuntime({ socket: join(durapod.home, 'run', 'containerd.sock') });
  try {
    const [sandbox] = await runtime.listSandboxes({ podUid: pod.metadata.uid ?? '' });
    const inSandbox = (pid: string) => textOf(pid, 'cgroup').includes(`/${sandbox?.id}`);
    const isFirst = (pid: string) => /^NSpid:.*\t1$/m.test(textOf(pid, 'status'));
    const held = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && inSandbox(pid) && isFirst(pid));
    expect(held).toHaveLength(1);
    return Number(held[0]);
  } finally {
    await runtime.close();
  }
}

function textOf(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

test('an exit of the very moment in which containerd and durapod are killed is the true one', async () => {
  const names = Array.from({ length: 8 }, (_, i) => `last-${i}`);
  await create(...names.map((name) => podOf(name, 'Never', [], `${blocked('/out/go')}; exit 42`)));
  for (const name of names) await until(name, isRunning('main'));
  const runtime = await openCriRuntime({ socket: join(durapod.home, 'run', 'containerd.sock') });
  try {
    // As busy as can be: it sees nothing of what follows.
    process.kill(durapod.pid('durapod'), 'SIGSTOP');
    const watched = new AbortController();
    let ends = 0;
    for await (const event of runtime.events(watched.signal)) {
      if (event.type === 'subscribed') for (const name of names) touch(name, 'go');
      if (event.type === 'exited' && ++ends === names.length) break;
    }
  } finally {
    await runtime.close();
  }
  await kill(['containerd', 'durapod']);
  for (const name of names) {
    const after = await until(name, (p) => p.status?.phase === 'Failed');
    expect(statusOf(after, 'main').state?.terminated).toMatchObject({ exitCode: 42, reason: 'Error' });
  }
  await durapod.ok('delete', 'pods', ...names, '--timeout=60s');
});

test('killed at random moments, Pods go as planned', { timeout: 300_000 }, async () => {
  const kinds: Victim[][] = [['durapod', 'containerd'], ['durapod', 'temporal', 'containerd'], ['containerd']];
  for (const [index, victims] of kinds.entries()) {
    const result = await soak({ durapod, kills: 3, victims, seed: 11 + index, podsPerKill: 5 });
    expect(result.details).toEqual([]);
    expect(result.unseen).toBe(0);
    // A container that containerd was killed over the start of runs once more, and its Pod says so.
    expect(result.clean + result.cutOff).toBe(20);
  }
});
