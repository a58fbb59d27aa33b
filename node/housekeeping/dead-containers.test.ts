import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { containerSpec, sandboxSpec } from '../../runtime/fixtures.ts';
import type { Runtime } from '../../runtime/port.ts';
import { openSimRuntime } from '../../runtime/sim/runtime.ts';
import { NodeDirs } from '../dirs.ts';
import { removeDeadContainers, spentContainers, spentSandboxes } from './dead-containers.ts';

const pod = { namespace: 'default', name: 'pod', uid: 'u1' };

/** `main/3 exited`: an attempt and its state, in the sandbox `s0` unless another is named behind it. */
function container(text: string) {
  const [, name = '', attempt, state, sandboxId = 's0', uid = 'u1'] = /^(\w+)\/(\d+) (\w+)(?: (\w+))?(?: (\w+))?$/.exec(
    text,
  )!;
  return { id: text, pod: { ...pod, uid }, name, attempt: Number(attempt), state: state as 'exited', sandboxId };
}

const SANDBOXES = [
  { id: 's0', ready: true },
  { id: 's1', ready: true },
  { id: 'ended', ready: false },
];

test.each([
  [
    'the newest dead one stays',
    ['main/0 exited', 'main/1 exited', 'main/2 exited'],
    ['main/1 exited', 'main/0 exited'],
  ],
  ['beside one that runs', ['main/0 exited', 'main/1 exited', 'main/2 running'], ['main/0 exited']],
  ['beside one that is about to run', ['main/0 exited', 'main/1 created'], []],
  ['not one that will never run', ['main/0 exited', 'main/1 created ended'], ['main/1 created ended']],
  ['one of an unknown state is dead', ['main/0 unknown', 'main/1 exited'], ['main/0 unknown']],
  ['by name', ['a/0 exited', 'b/0 exited', 'b/1 exited'], ['b/0 exited']],
  ['by Pod', ['a/0 exited s0 u1', 'a/1 exited s1 u2'], []],
  ['across sandboxes', ['a/0 exited s0', 'a/1 exited s1'], ['a/0 exited s0']],
])('%s', (_, containers, spent) => {
  expect(spentContainers(containers.map(container), SANDBOXES).map(({ id }) => id)).toEqual(spent);
});

test('sandboxes that have ended, are empty and not the newest of their Pod', () => {
  const box = (id: string, attempt: number, ready = false, uid = 'u1') => ({
    id,
    pod: { ...pod, uid },
    attempt,
    ready,
  });
  const boxes = [
    box('empty', 0),
    box('holding', 1),
    box('ready', 2, true),
    box('newest', 3),
    box('only', 0, false, 'u2'),
  ];
  expect(spentSandboxes(boxes, [{ sandboxId: 'holding' }]).map(({ id }) => id)).toEqual(['empty']);
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'durapod-dead-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('removes them with their logs, in this node’s Pods alone', async () => {
  const runtime = openSimRuntime({ images: { present: ['busybox:v1'] } });
  const dirs = new NodeDirs(directory);
  const run = async (uid: string, logDirectory: string, attempts: number[], sandboxAttempt: number) => {
    const spec = sandboxSpec(directory, { pod: { ...pod, uid }, attempt: sandboxAttempt, logDirectory });
    const { id: box } = await runtime.runSandbox(spec);
    for (const attempt of attempts) {
      const changes = { attempt, logPath: `main/${attempt}.log` };
      const id = await runtime.createContainer(box, containerSpec(spec, 'busybox:v1', ['false'], changes), spec);
      await runtime.startContainer(id);
      await runtime.stopContainer(id, 10);
    }
    await runtime.stopSandbox(box);
  };
  const own = dirs.podLogs(pod);
  await run('u1', own, [9, 10], 0);
  await run('u1', own, [11, 12], 1);
  await run('u2', join(directory, 'elsewhere'), [0, 1], 0);
  await removeDeadContainers({ runtime, dirs });
  await removeDeadContainers({ runtime, dirs });
  const left = (await runtime.listContainers({})).map((c) => `${c.pod.uid} ${c.attempt}`);
  expect(left).toEqual(['u1 12', 'u2 0', 'u2 1']);
  expect((await runtime.listSandboxes({})).map((s) => `${s.pod.uid} ${s.attempt}`)).toEqual(['u1 1', 'u2 0']);
  expect(await readdir(join(own, 'main'))).toEqual(['12.log']);
});

test('what cannot be removed keeps nothing else from it, but for its own sandbox', async () => {
  const boxes = ['s0', 's1', 's2'].map((id, attempt) => ({ id, pod, attempt, ready: false }));
  const containers = ['a/0 exited s0', 'a/1 exited s1', 'a/2 exited s2', 'b/0 exited s1', 'b/1 exited s2'].map(
    container,
  );
  const removed: string[] = [];
  const dirs = new NodeDirs(directory);
  await mkdir(dirs.podLogs(pod), { recursive: true });
  const runtime = {
    listSandboxes: async () => boxes,
    listContainers: async () => containers,
    removeContainer: async (id: string) => {
      if (id === 'a/1 exited s1') throw new Error('it is busy');
      removed.push(id);
    },
    removeSandbox: async (id: string) => void removed.push(id),
  } as unknown as Runtime;
  await expect(removeDeadContainers({ runtime, dirs })).rejects.toThrow('it is busy');
  expect(removed).toEqual(['a/0 exited s0', 'b/0 exited s1', 's0']);
});
