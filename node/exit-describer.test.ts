import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RuntimeContainerStatus } from '../runtime/port.ts';
import { NodeDirs } from './dirs.ts';
import { describeExit, neverRan } from './exit-describer.ts';

const EXITED: RuntimeContainerStatus = {
  id: 'c1',
  sandboxId: 's1',
  pod: { namespace: 'default', name: 'p', uid: 'u' },
  name: 'init',
  attempt: 0,
  state: 'exited',
  image: 'busybox:v1',
  imageRef: 'sha256:1',
  labels: {},
  annotations: {},
  createdAt: '2026-01-01T00:00:00Z',
  startedAt: '2026-01-01T00:00:01Z',
  finishedAt: '2026-01-01T00:00:02Z',
  exitCode: 0,
  reason: 'Completed',
  logPath: '/logs/init/0.log',
};
const NOT_STARTED = { ...EXITED, startedAt: undefined };

test.each([
  ['runs', { ...EXITED, state: 'running' }, undefined, false],
  ['waits for its start', { ...NOT_STARTED, state: 'created' }, undefined, false],
  ['ended with an error', { ...EXITED, exitCode: 1, reason: 'Error' }, undefined, false],
  ['was killed', { ...EXITED, exitCode: 137, reason: 'Error' }, 137, false],
  ['is not known any more, but was started', { ...EXITED, state: 'unknown' }, undefined, false],
  ['ended before its start was written down', { ...NOT_STARTED, exitCode: 0 }, undefined, false],
  ['did so with an exit code of its own', { ...NOT_STARTED, exitCode: 3 }, undefined, false],
  ['ended as its event says, whatever the status says', { ...NOT_STARTED, reason: 'StartError' }, 0, false],
  ['could not be started', { ...NOT_STARTED, exitCode: 128, reason: 'StartError' }, undefined, true],
  ['was killed before its start', { ...NOT_STARTED, exitCode: 137 }, undefined, true],
  ['was cut off in its start', { ...NOT_STARTED, exitCode: 1 }, undefined, true],
  ['was cut off in its start, as its event says', { ...NOT_STARTED, reason: 'StartError' }, 137, true],
  ['is not known to have been started', { ...NOT_STARTED, state: 'unknown' }, undefined, true],
] as [string, RuntimeContainerStatus, number | undefined, boolean][])(
  'a container that %s',
  (_, status, seen, never) => {
    expect(neverRan(status, seen)).toBe(never);
  },
);

test('a message from the log ends as the container ended it', async () => {
  const root = await mkdtemp(join(tmpdir(), 'exit-'));
  try {
    const annotations = { 'io.kubernetes.container.terminationMessagePolicy': 'FallbackToLogsOnError' };
    const status = { ...EXITED, exitCode: 1, annotations, logPath: join(root, '0.log') };
    const message = async (log: string) => {
      await writeFile(status.logPath, log);
      return (await describeExit(status, new NodeDirs(root))).message;
    };
    const at = '2026-01-01T00:00:02.123456789Z';
    expect(await message(`${at} stdout P DONE\n`)).toBe('DONE');
    expect(await message(`${at} stdout F one\n${at} stderr P tw\n${at} stderr F o\n`)).toBe('one\ntwo\n');
  } finally {
    await rm(root, { recursive: true });
  }
});
