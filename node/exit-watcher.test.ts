import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Runtime, RuntimeContainerStatus as Status } from '../runtime/port.ts';
import { NodeDirs } from './dirs.ts';
import { ExitJournal } from './exit-journal.ts';
import { ExitWatcher, type ExitWatcherOptions } from './exit-watcher.ts';

test('a lost sandbox is reported once, and by the next list when it could not be', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'durapod-exits-'));
  const journal = new ExitJournal(join(directory, 'exits.db'));
  try {
    const pod = { namespace: 'default', name: 'a', uid: 'u' };
    const runtime = {
      listSandboxes: async () => [{ id: 's1', pod, ready: false }],
      listContainers: async () => [],
    } as unknown as Runtime;
    const said: string[] = [];
    let stopping = true;
    const watcher = new ExitWatcher({
      runtime,
      journal,
      dirs: new NodeDirs(directory),
      idScheme: 'sim://',
      log: { warn: (_fields, message) => void said.push(message) },
      reports: {
        async sandboxLost(_pod, { sandboxId }) {
          await new Promise(setImmediate);
          if (stopping) throw new Error('stopped before sandboxLost was heard');
          said.push(`${sandboxId} is lost`);
        },
        containerExited: async () => {},
        containerFound: () => {},
      },
    });
    await watcher.relist();
    await watcher.relist();
    await new Promise(setImmediate);
    stopping = false;
    await watcher.relist();
    await watcher.relist();
    await new Promise(setImmediate);
    await watcher.relist();
    expect(said).toEqual(['a lost sandbox could not be reported yet', 's1 is lost']);
  } finally {
    journal.close();
    rmSync(directory, { recursive: true });
  }
});

test('what was seen of an end stands against what the runtime says later, for whoever asks first', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'durapod-exits-'));
  const journal = new ExitJournal(join(directory, 'exits.db'));
  try {
    journal.seeAll([{ id: 'c1', exitCode: 7, at: '2026-11-26T03:43:40.966Z' }]);
    const watcher = new ExitWatcher({ journal, dirs: new NodeDirs(directory) } as ExitWatcherOptions);
    const pod = { namespace: 'default', name: 'a', uid: 'u' };
    const unknown = { exitCode: 255, reason: 'Unknown', finishedAt: '2026-11-26T03:43:50.000Z' };
    const status = (id: string) =>
      ({ id, pod, name: 'main', attempt: 0, state: 'exited', annotations: {}, ...unknown }) as unknown as Status;
    expect(watcher.known('c1')).toBeUndefined();
    const seen = { exitCode: 7, reason: 'Error', finishedAt: '2026-11-26T03:43:40.966Z' };
    expect(await watcher.endOf(status('c1'))).toEqual(seen);
    expect(watcher.known('c1')).toEqual(seen);
    expect(await watcher.endOf(status('c2'))).toMatchObject({ exitCode: 255, reason: 'ContainerStatusUnknown' });
    journal.seeAll([{ id: 'c2', exitCode: 0, at: '2026-11-26T03:43:40.966Z' }]);
    expect(watcher.known('c2')).toMatchObject({ exitCode: 255, reason: 'ContainerStatusUnknown' });
  } finally {
    journal.close();
    rmSync(directory, { recursive: true });
  }
});

test('one that was killed for want of memory says so, though that is told after its exit', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'durapod-exits-'));
  const journal = new ExitJournal(join(directory, 'exits.db'));
  const stopping = new AbortController();
  const at = '2026-11-26T03:43:40.966Z';
  const state: { now: 'running' | 'exited' } = { now: 'running' };
  const pod = { namespace: 'default', name: 'a', uid: 'u' };
  const status = () => ({ id: 'c1', pod, name: 'main', attempt: 0, annotations: {}, startedAt: at, state: state.now });
  const reported = Promise.withResolvers<object>();
  const runtime = {
    listSandboxes: async () => [],
    listContainers: async () => [],
    containerStatus: async () => status(),
    async *events() {
      yield { type: 'exited', id: 'c1', exitCode: 137, at };
      await new Promise((resolve) => setTimeout(resolve, 30));
      yield { type: 'oom', id: 'c1', at };
      state.now = 'exited';
      if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
    },
  } as unknown as Runtime;
  const watcher = new ExitWatcher({
    runtime,
    journal,
    dirs: new NodeDirs(directory),
    idScheme: 'sim://',
    log: { warn: () => undefined },
    reports: {
      sandboxLost: async () => {},
      containerExited: async (_pod, { exit }) => reported.resolve(exit),
      containerFound: () => {},
    },
  });
  const running = watcher.run(stopping.signal);
  try {
    expect(await reported.promise).toEqual({ exitCode: 137, reason: 'OOMKilled', startedAt: at, finishedAt: at });
  } finally {
    stopping.abort();
    await running;
    journal.close();
    rmSync(directory, { recursive: true });
  }
});

test('a claim for longer than a timer can count waits all the same', async () => {
  const journal = { get: () => undefined } as unknown as ExitJournal;
  const watcher = new ExitWatcher({ journal } as ExitWatcherOptions);
  const end = new AbortController();
  const claim = watcher.claim('c1', 2 ** 31, end.signal).then(() => 'over');
  const soon = new Promise((resolve) => setTimeout(() => resolve('waits'), 20));
  expect(await Promise.race([claim, soon])).toBe('waits');
  end.abort();
  expect(await claim).toBe('over');
});
