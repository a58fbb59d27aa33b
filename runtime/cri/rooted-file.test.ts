import { execFileSync } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import {
  chmod,
  type FileHandle,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RuntimeError } from '../port.ts';
import { writeBelow, writeContainerFile } from './rooted-file.ts';

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const content = Buffer.from('content\n');
let base: string;
let inside: string;
let outside: string;
let root: FileHandle;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'rooted-'));
  inside = join(base, 'inside');
  outside = join(base, 'outside');
  await mkdir(join(inside, 'a/b'), { recursive: true });
  await mkdir(outside);
  await writeFile(join(outside, 'secret'), 'untouched');
  root = await open(inside, constants.O_DIRECTORY);
});

afterEach(async () => {
  await root.close();
  await rm(base, { recursive: true, force: true });
});

const write = (path: string, mode = 0o644) => writeBelow(root, path, content, mode, owner);
const read = (path: string) => readFile(join(inside, path), 'utf8');
async function refusal(path: string): Promise<string> {
  const error = await write(path).catch((error) => error);
  expect(error).toBeInstanceOf(RuntimeError);
  expect(await readdir(outside)).toEqual(['secret']);
  expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('untouched');
  return error.message;
}

test('a new file, with its mode, and nothing beside it', async () => {
  await write('/a/b/new', 0o640);
  expect(await read('a/b/new')).toBe('content\n');
  expect((await stat(join(inside, 'a/b/new'))).mode & 0o7777).toBe(0o640);
  expect(await readdir(join(inside, 'a/b'))).toEqual(['new']);
});

test('an existing file is replaced, not written into', async () => {
  const path = join(inside, 'a/old');
  await writeFile(path, 'old');
  const reader = await open(path);
  await write('/a/old');
  expect(await reader.readFile('utf8')).toBe('old');
  await reader.close();
  expect(await read('a/old')).toBe('content\n');
});

test('dots and repeated slashes', async () => {
  await write('//a/./b/../c');
  expect(await read('a/c')).toBe('content\n');
});

test('.. at the root stays at the root', async () => {
  await write('/../../../outside-not');
  expect(await read('outside-not')).toBe('content\n');
  expect(existsSync(join(base, 'outside-not'))).toBe(false);
});

test('an absolute symlink is seen from the root', async () => {
  await symlink('/a', join(inside, 'link'));
  await write('/link/file');
  expect(await read('a/file')).toBe('content\n');
});

test('an absolute symlink to a directory outside finds nothing', async () => {
  await symlink(outside, join(inside, 'link'));
  expect(await refusal('/link/secret')).toMatch(
    /^cannot write \/link\/secret: the directory ".*" on the way does not exist$/,
  );
});

test('a relative symlink that climbs out ends at the root', async () => {
  await symlink('../../../../..', join(inside, 'a/up'));
  await write('/a/up/file');
  expect(await read('file')).toBe('content\n');
  await symlink('../../outside', join(inside, 'a/escape'));
  expect(await refusal('/a/escape/secret')).toContain('the directory "outside" on the way does not exist');
});

test('.. after a symlink goes back to where the link led, as the kernel does', async () => {
  await mkdir(join(inside, 'deep/er'), { recursive: true });
  await symlink('/deep/er', join(inside, 'a/link'));
  await write('/a/link/../file');
  expect(await read('deep/file')).toBe('content\n');
});

test('a final symlink is followed inside the root and stays a symlink', async () => {
  await symlink('/a/b/target', join(inside, 'final'));
  await write('/final');
  expect(await read('a/b/target')).toBe('content\n');
  expect(await readlink(join(inside, 'final'))).toBe('/a/b/target');
  await symlink(join(outside, 'secret'), join(inside, 'bad'));
  expect(await refusal('/bad')).toContain('does not exist');
});

test('symlink loops', async () => {
  await symlink('y', join(inside, 'x'));
  await symlink('x', join(inside, 'y'));
  expect(await refusal('/x')).toBe('cannot write /x: too many symlinks');
  expect(await refusal('/x/file')).toBe('cannot write /x/file: too many symlinks');
});

test('what is in the way', async () => {
  await writeFile(join(inside, 'plain'), '');
  execFileSync('mkfifo', [join(inside, 'pipe')]);
  expect({
    parent: await refusal('/none/file'),
    directory: await refusal('/a/b'),
    slash: await refusal('/a/b/'),
    dots: await refusal('/a/..'),
    root: await refusal('/.'),
    relative: await refusal('a/file'),
    zero: await refusal('/a\0b'),
    file: await refusal('/plain/file'),
    pipe: await refusal('/pipe'),
    long: await refusal(`/${'x'.repeat(300)}`),
    longer: await refusal(`/${'x/'.repeat(2500)}x`),
    deep: await refusal(`${'/a/b/../..'.repeat(10)}${'/d'.repeat(1)}/x`),
  }).toEqual({
    parent: 'cannot write /none/file: the directory "none" on the way does not exist',
    directory: 'cannot write /a/b: a directory is in the way',
    slash: 'cannot write /a/b/: the path must name a file, not a directory',
    dots: 'cannot write /a/..: the path must name a file, not a directory',
    root: 'cannot write /.: the path must name a file, not a directory',
    relative: 'cannot write a/file: the path must be absolute',
    zero: expect.stringContaining('must not contain a zero byte'),
    file: 'cannot write /plain/file: "plain" on the way is not a directory',
    pipe: 'cannot write /pipe: something that is not a regular file is in the way',
    long: expect.stringContaining('a name in the path is too long'),
    longer: expect.stringContaining('the path is too long'),
    deep: expect.stringContaining('the directory "d" on the way does not exist'),
  });
});

test('too deep is refused, and every directory is closed again', async () => {
  const deep = Array.from({ length: 140 }, () => 'd').join('/');
  await mkdir(join(inside, deep), { recursive: true });
  const before = (await readdir('/proc/self/fd')).length;
  expect(await refusal(`/${deep}/file`)).toContain('deeper than 128');
  await write(`/${deep.slice(0, 200)}/file`);
  expect((await readdir('/proc/self/fd')).length).toBe(before);
});

test('nothing is left behind when the file cannot take its place', async () => {
  // A directory that takes the name between the look and the rename.
  const racing = writeBelow(root, '/a/late', Buffer.alloc(8 << 20), 0o644, owner).catch((error) => error);
  await mkdir(join(inside, 'a/late')).catch(() => {});
  await writeFile(join(inside, 'a/late/x'), '').catch(() => {});
  await racing;
  expect((await readdir(join(inside, 'a'))).filter((name) => name.startsWith('.durapod'))).toEqual([]);
});

test('a directory swapped for a symlink outward, over and over, never lets a write out', async () => {
  await mkdir(join(inside, 'swap'));
  await symlink(outside, join(inside, 'evil'));
  let running = true;
  const swapping = (async () => {
    while (running) {
      await rename(join(inside, 'swap'), join(inside, 'kept')).catch(() => {});
      await rename(join(inside, 'evil'), join(inside, 'swap')).catch(() => {});
      await rename(join(inside, 'swap'), join(inside, 'evil')).catch(() => {});
      await rename(join(inside, 'kept'), join(inside, 'swap')).catch(() => {});
    }
  })();
  for (let i = 0; i < 300; i++) await write('/swap/file').catch(() => {});
  running = false;
  await swapping;
  expect(await readdir(outside)).toEqual(['secret']);
});

test('a process that is not the container of that id is not written to', async () => {
  const container = { id: 'f'.repeat(64), name: 'main', state: 'running' as const, pid: process.pid };
  await expect(writeContainerFile(container, `${base}/file`, content, 0o644)).rejects.toThrow(
    'container main is not running (it ended)',
  );
  await expect(writeContainerFile({ ...container, pid: undefined, state: 'exited' }, '/x', content, 0)).rejects.toThrow(
    'container main is not running (exited)',
  );
  expect(existsSync(`${base}/file`)).toBe(false);
});

test('the owner as root, the refusal as another user', async () => {
  if (process.getuid?.() === 0) {
    await writeBelow(root, '/a/owned', content, 0o600, { uid: 1234, gid: 4321 });
    const { uid, gid } = await lstat(join(inside, 'a/owned'));
    expect({ uid, gid }).toEqual({ uid: 1234, gid: 4321 });
  } else {
    await chmod(join(inside, 'a'), 0o500);
    expect(await refusal('/a/file')).toBe('cannot write /a/file: the file system does not allow it');
  }
});
