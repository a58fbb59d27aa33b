import { appendFile, mkdir, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { attemptLogs } from './log-files.ts';
import { type ReadLogOptions, readLog } from './log-reader.ts';

const line = (text: string, stream = 'stdout') => `2026-03-04T05:06:07.5Z ${stream} F ${text}\n`;

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'durapod-log-'));
  path = join(directory, '0.log');
});
afterEach(() => rm(directory, { recursive: true }));

/** A reader running by itself, and what it has read so far. */
function start(options: ReadLogOptions = {}) {
  const seen = { text: '', done: Promise.resolve() };
  seen.done = (async () => {
    for await (const chunk of readLog(path, options)) seen.text += chunk.toString();
  })();
  return seen;
}

async function until(condition: () => boolean) {
  for (let tries = 0; !condition() && tries < 200; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}

describe('without follow', () => {
  test.each<[string, ReadLogOptions, string]>([
    ['all', {}, 'one\ntwo\nthree\n'],
    ['tail', { tailLines: 2 }, 'two\nthree\n'],
    ['limit', { limitBytes: 6 }, 'one\ntw'],
    ['tail and limit', { tailLines: 1, limitBytes: 2 }, 'th'],
    ['one stream', { stream: 'stderr' }, 'two\n'],
  ])('%s', async (_, options, expected) => {
    await writeFile(path, line('one') + line('two', 'stderr') + line('three'));
    const reader = start(options);
    await reader.done;
    expect(reader.text).toBe(expected);
  });

  test('a log that is not there', async () => {
    await expect(start().done).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('follow', () => {
  test('shows what is appended and ends with the container', async () => {
    await writeFile(path, line('one'));
    let ended = false;
    const reader = start({ follow: { ended: async () => ended } });
    await until(() => reader.text === 'one\n');
    await appendFile(path, line('two'));
    await until(() => reader.text === 'one\ntwo\n');
    ended = true;
    await appendFile(path, line('last'));
    await reader.done;
    expect(reader.text).toBe('one\ntwo\nlast\n');
  });

  test('goes with a rotation, and loses no line written late to the old file', async () => {
    await writeFile(path, line('one'));
    let ended = false;
    const reader = start({ follow: { ended: async () => ended } });
    await until(() => reader.text === 'one\n');
    await rename(path, `${path}.20260304-050607`);
    await appendFile(`${path}.20260304-050607`, line('between'));
    await writeFile(path, line('new'));
    await appendFile(`${path}.20260304-050607`, line('late'));
    await until(() => reader.text === 'one\nbetween\nlate\nnew\n');
    await rename(path, `${path}.20260304-050608`);
    await writeFile(path, line('newer'));
    ended = true;
    await reader.done;
    expect(reader.text).toBe('one\nbetween\nlate\nnew\nnewer\n');
  });

  test('begins anew when the file is cut', async () => {
    await writeFile(path, line('one'));
    const stop = new AbortController();
    const reader = start({ follow: { ended: async () => false }, signal: stop.signal });
    await until(() => reader.text === 'one\n');
    await truncate(path, 0);
    // Shorter than before: the cut is seen whenever the reader looks.
    await appendFile(path, line('2'));
    await until(() => reader.text === 'one\n2\n');
    stop.abort();
    await reader.done;
  });

  test('of no lines shows only new ones; a limit ends it', async () => {
    await writeFile(path, line('one'));
    let isAtEnd = false;
    const ended = async () => {
      isAtEnd = true;
      return false;
    };
    const reader = start({ tailLines: 0, limitBytes: 4, follow: { ended } });
    await until(() => isAtEnd);
    await appendFile(path, line('two') + line('three'));
    await reader.done;
    expect(reader.text).toBe('two\n');
  });

  test('reads no further than the consumer takes', async () => {
    await writeFile(path, line('x'.repeat(1000)).repeat(1000));
    const reader = readLog(path, {});
    const first = await reader.next();
    expect((first.value as Buffer).length).toBeLessThanOrEqual(64 * 1024);
    await reader.return();
  });
});

test('the logs of a container, oldest attempt first', async () => {
  const pod = { namespace: 'default', name: 'web', uid: 'u1' };
  expect(await attemptLogs(directory, pod, 'main')).toEqual([]);
  const logs = join(directory, 'default_web_u1', 'main');
  await mkdir(logs, { recursive: true });
  for (const name of ['10.log', '9.log', '9.log.20260304-050607', '8.log.20260304-050607.gz', 'x.log']) {
    await writeFile(join(logs, name), '');
  }
  expect(await attemptLogs(directory, pod, 'main')).toEqual([
    { attempt: 9, path: join(logs, '9.log') },
    { attempt: 10, path: join(logs, '10.log') },
  ]);
});
