import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NodeDirs } from '../dirs.ts';
import { canMount, mountsBelow } from './mounts.ts';
import { prepareSubPath, SubPathError } from './sub-path.ts';
import { teardownVolumes } from './teardown.ts';

let root: string;
let dirs: NodeDirs;
let volume: string;
let target: string;
let secret: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'durapod-subpath-')));
  dirs = new NodeDirs(root);
  volume = join(dirs.volumesDir('u'), 'data');
  target = join(dirs.subPathDir('u', 'data', 'main'), '0');
  secret = join(root, 'secret');
  await mkdir(join(volume, 'in/side'), { recursive: true, mode: 0o777 });
  await writeFile(join(volume, 'in/file'), 'content');
  await mkdir(secret);
  await writeFile(join(secret, 'key'), 'secret');
});
afterEach(async () => {
  await teardownVolumes('u', dirs);
  await rm(root, { recursive: true });
});

const listed = async (path: string): Promise<string[]> => (await readdir(path)).sort();

test('a directory of the volume', async () => {
  const path = await prepareSubPath(volume, 'in', target);
  expect(path).toBe((await canMount()) ? target : join(volume, 'in'));
  expect(await listed(path)).toEqual(['file', 'side']);
  await writeFile(join(path, 'new'), '');
  expect(await listed(join(volume, 'in'))).toEqual(['file', 'new', 'side']);
});

test('a file of the volume', async () => {
  expect(await readFile(await prepareSubPath(volume, 'in/file', target), 'utf8')).toBe('content');
});

test("what is missing is made with the volume's mode", async () => {
  await prepareSubPath(volume, 'made/below', target);
  const mode = (await stat(volume)).mode;
  expect((await stat(join(volume, 'made'))).mode).toBe(mode);
  expect((await stat(join(volume, 'made/below'))).mode).toBe(mode);
});

test('links that stay inside are followed', async () => {
  await symlink('in', join(volume, 'link'));
  await symlink('../in/file', join(volume, 'in/back'));
  expect(await listed(await prepareSubPath(volume, 'link', target))).toEqual(['back', 'file', 'side']);
  expect(await readFile(await prepareSubPath(volume, 'link/back', `${target}b`), 'utf8')).toBe('content');
});

describe('refused', () => {
  test.each([
    ['an absolute link', async () => symlink(secret, join(volume, 'out')), 'out'],
    ['below an absolute link', async () => symlink(secret, join(volume, 'out')), 'out/key'],
    ['missing below an absolute link', async () => symlink(secret, join(volume, 'out')), 'out/new/dir'],
    ['a relative link', async () => symlink('../../../../secret', join(volume, 'out')), 'out/key'],
    [
      'a link to a sibling whose name starts alike',
      async () => {
        await mkdir(`${volume}-other`);
        await symlink(`${volume}-other`, join(volume, 'out'));
      },
      'out',
    ],
    ['a link to nothing', async () => symlink(join(root, 'nowhere'), join(volume, 'out')), 'out/new'],
    ['a loop', async () => symlink('loop', join(volume, 'loop')), 'loop'],
    ['a file in the way', async () => undefined, 'in/file/below'],
    ['an absolute path', async () => undefined, '/etc'],
    ['a path that climbs', async () => undefined, 'in/../../secret'],
  ])('%s', async (_, make, subPath) => {
    await make();
    const error = await prepareSubPath(volume, subPath, target).catch((e) => e);
    expect(error).toBeInstanceOf(SubPathError);
    expect(error.message).not.toContain(root);
    expect(await listed(secret)).toEqual(['key']);
    expect(await listed(root)).toEqual(['pods', 'secret']);
    await expect(lstat(target)).rejects.toThrow('ENOENT');
  });
});

test('repeated, it is bound once; when the part was replaced, to the new one', async () => {
  if (!(await canMount())) throw new Error('this test mounts: run it as root');
  await prepareSubPath(volume, 'in', target);
  await prepareSubPath(volume, 'in', target);
  expect(await mountsBelow(root)).toEqual([target]);
  await rename(join(volume, 'in'), join(volume, 'old'));
  await writeFile(join(volume, 'in'), 'now a file');
  expect(await readFile(await prepareSubPath(volume, 'in', target), 'utf8')).toBe('now a file');
  expect(await mountsBelow(root)).toEqual([target]);
});
