import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NodeDirs } from '../node/dirs.ts';
import { ExitJournal } from '../node/exit-journal.ts';
import { ExitWatcher, type ExitWatcherOptions } from '../node/exit-watcher.ts';
import type { StartResult } from '../pod/contract.ts';
import { defaultPod } from '../pod/defaults.ts';
import type { Runtime } from '../runtime/port.ts';
import { openSimRuntime } from '../runtime/sim/runtime.ts';
import { startContainer } from './container.ts';
import { ContainersAhead } from './containers-ahead.ts';
import type { NodeContext } from './node-context.ts';
import { sandboxSpec } from './sandbox-spec.ts';
import { Turns } from './turns.ts';

const IMAGE = 'busybox:v1';
const ref = { namespace: 'default', name: 'pod', uid: 'uid-1' };
const pod = defaultPod({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: ref,
  spec: { containers: [{ name: 'main', image: IMAGE, command: ['sleep', '100'] }] },
});

let directory: string;
let runtime: Runtime;
let journal: ExitJournal;
let node: NodeContext;
let watched: string[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'durapod-container-'));
  runtime = openSimRuntime();
  await runtime.pullImage(IMAGE, undefined, new AbortController().signal);
  journal = new ExitJournal(join(directory, 'exits.db'));
  watched = [];
  node = {
    name: 'node',
    runtime,
    dirs: new NodeDirs(directory),
    turns: new Turns(),
    ahead: new ContainersAhead(),
    exits: new ExitWatcher({ journal } as ExitWatcherOptions),
    prober: { watch: (_: unknown, { name }: { name: string }) => watched.push(`probes of ${name}`) },
    volumes: { watch: ({ metadata }: typeof pod) => watched.push(`volumes of ${metadata.name}`) },
    api: { pod: async () => pod, read: async () => undefined, list: async () => [] },
    hostIPs: ['10.0.0.1'],
    allocatable: { cpu: '2', memory: '1Gi', 'ephemeral-storage': '1Gi' },
    idScheme: 'sim://',
    resolvConf: '',
  } as unknown as NodeContext;
});

afterEach(async () => {
  await runtime.close();
  journal.close();
  rmSync(directory, { recursive: true, force: true });
});

/** The given try of the activity. */
function start(sandboxId: string, attempt: number) {
  const place = { pod: ref, sandboxAttempt: 0, sandboxId, podIPs: [] };
  const input = { ...place, container: 'main', image: IMAGE, attempt: 0, lingerMs: 0 };
  return new MockActivityEnvironment({ attempt }).run(() => startContainer(node, input));
}

test('what is made anew says so when an earlier start of it was cut off, of which the log is left', async () => {
  const { id: sandboxId } = await runtime.runSandbox(sandboxSpec(node, pod, 0));
  const log = node.dirs.containerLog(ref, 'main', 0);
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, '');
  const anew = (await start(sandboxId, 2)) as StartResult;
  expect(anew).toMatchObject({ outcome: 'started', again: true });
  expect(await start(sandboxId, 3)).toEqual({ ...anew, again: undefined, startedAt: expect.any(String) });
});

test('what was not come to before is started as ever', async () => {
  const { id: sandboxId } = await runtime.runSandbox(sandboxSpec(node, pod, 0));
  expect(await start(sandboxId, 2)).not.toHaveProperty('again');
});

test('what runs is probed and its volumes are kept up to date, also when an earlier try started it', async () => {
  const { id: sandboxId } = await runtime.runSandbox(sandboxSpec(node, pod, 0));
  const first = await start(sandboxId, 1);
  expect(first).toMatchObject({ outcome: 'started', image: IMAGE });
  expect(await start(sandboxId, 2)).toMatchObject({ outcome: 'started', id: (first as { id: string }).id });
  const both = ['volumes of pod', 'probes of main'];
  expect(watched).toEqual([...both, ...both]);
});
