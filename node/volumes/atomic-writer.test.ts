import { chown, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cleanPath, type Payload, writeAtomically } from './atomic-writer.ts';
import { canChown } from './ownership.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'durapod-writer-'));
});
afterEach(() => rm(directory, { recursive: true }));

const payload = (files: Record<string, string>, mode = 0o644): Payload =>
  new Map(Object.entries(files).map(([path, text]) => [path, { data: Buffer.from(text), mode }]));

/** What a container sees: names, and the content behind them. */
async function seen(): Promise<Record<string, string>> {
  const files = (await readdir(directory, { recursive: false })).filter((name) => !name.startsWith('..'));
  const result: Record<string, string> = {};
  for (const name of files) {
    const path = join(directory, name);
    if (!(await stat(path)).isDirectory()) result[name] = await readFile(path, 'utf8');
    else
      for (const below of await readdir(path)) result[`${name}/${below}`] = await readFile(join(path, below), 'utf8');
  }
  return result;
}
const hidden = async (): Promise<string[]> => (await readdir(directory)).filter((name) => name.startsWith('..')).sort();

describe('writing', () => {
  test('files are links through ..data, with their modes', async () => {
    expect(await writeAtomically(directory, payload({ a: '1', 'dir/b': '2' }, 0o400))).toBe(true);
    expect(await seen()).toEqual({ a: '1', 'dir/b': '2' });
    expect(await readlink(join(directory, 'a'))).toBe('..data/a');
    expect(await readlink(join(directory, 'dir'))).toBe('..data/dir');
    expect((await stat(join(directory, 'dir/b'))).mode & 0o777).toBe(0o400);
    const [data, content] = await hidden();
    expect([data, content]).toEqual([expect.stringMatching(/^\.\.\d{4}_/), '..data']);
    expect(await readlink(join(directory, '..data'))).toBe(data);
  });

  test('the same again writes nothing, and puts back a name that is gone', async () => {
    const files = payload({ a: '1', b: '2' });
    await writeAtomically(directory, files);
    const before = await hidden();
    await rm(join(directory, 'b'));
    expect(await writeAtomically(directory, files)).toBe(false);
    expect(await hidden()).toEqual(before);
    expect(await seen()).toEqual({ a: '1', b: '2' });
  });

  test.each<[string, Record<string, string>]>([
    ['a changed file', { a: '1', 'dir/b': 'new' }],
    ['a new file', { a: '1', 'dir/b': '2', c: '3' }],
    ['a file that is gone', { a: '1' }],
    ['nothing left', {}],
  ])('%s', async (_, next) => {
    await writeAtomically(directory, payload({ a: '1', 'dir/b': '2' }));
    expect(await writeAtomically(directory, payload(next))).toBe(true);
    expect(await seen()).toEqual(next);
    expect(await hidden()).toHaveLength(2);
  });

  test('what a crash left is removed, what others made in the volume stays', async () => {
    await mkdir(join(directory, '..2020_01_01T00_00_00.000.x'));
    await writeFile(join(directory, '..data_tmp'), '');
    await mkdir(join(directory, 'mounted'));
    await writeAtomically(directory, payload({ a: '1' }));
    expect(await hidden()).toHaveLength(2);
    expect((await lstat(join(directory, 'mounted'))).isDirectory()).toBe(true);
  });

  test('a link whose content is gone is replaced', async () => {
    await writeAtomically(directory, payload({ a: '1' }));
    await rm(join(directory, await readlink(join(directory, '..data'))), { recursive: true });
    expect(await writeAtomically(directory, payload({ a: '1' }))).toBe(true);
    expect(await seen()).toEqual({ a: '1' });
  });

  test.runIf(canChown())('a group may read, a user owns', async () => {
    await chown(directory, 0, 0);
    const files: Payload = new Map([['token', { data: Buffer.from('t'), mode: 0o600, uid: 1234 }]]);
    await writeAtomically(directory, files, 4321);
    const { uid, gid, mode } = await stat(join(directory, 'token'));
    expect({ uid, gid, mode: mode & 0o7777 }).toEqual({ uid: 1234, gid: 4321, mode: 0o640 });
  });
});

test.each(['', '/a', 'a/../b', '..', '..data/x', '..x', 'a\0', 'x'.repeat(256), '.'])('refuses the path %j', (path) => {
  expect(() => cleanPath(path)).toThrow(`invalid path "${path}"`);
});

test.each([
  ['a', 'a'],
  ['./a//b/', 'a/b'],
  ['a..b', 'a..b'],
])('cleans the path %j', (path, expected) => {
  expect(cleanPath(path)).toBe(expected);
});
