/** A Pod's directory goes, whatever its containers made of it. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NodeDirs } from '../dirs.ts';
import { removeLeftovers } from '../housekeeping/leftovers.ts';
import { canMount, mountsBelow } from './mounts.ts';
import { teardownVolumes } from './teardown.ts';
import { makeDeepTree, makeImmutable } from './test-trees.ts';

let root: string;
let dirs: NodeDirs;
let volume: string;
beforeEach(async () => {
  if (!(await canMount())) throw new Error('these tests mount: run them as root');
  root = await realpath(await mkdtemp(join(tmpdir(), 'durapod-teardown-')));
  dirs = new NodeDirs(root);
  volume = join(dirs.volumesDir('u1'), 'v');
  await mkdir(volume, { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

const shell = (script: string) => execFileSync('sh', ['-ec', script], { cwd: volume });

test.each([
  ['deeper than a path is long', () => makeDeepTree(volume, 1)],
  [
    'a file that cannot be changed, in a directory that only grows, in one that cannot be changed',
    async () => {
      await mkdir(join(volume, 'grows'));
      await writeFile(join(volume, 'grows', 'file'), '');
      makeImmutable(join(volume, 'grows', 'file'), '+i');
      makeImmutable(join(volume, 'grows'), '+a');
      makeImmutable(volume, '+i');
    },
  ],
  [
    'both',
    () => {
      makeDeepTree(volume, 1);
      shell('find . -type f -execdir chattr +i {} +');
    },
  ],
  ['a name that is no text', () => shell(`touch "$(printf 'a\\377')"`)],
  ['a read-only file system', () => shell('mkdir m; mount -t tmpfs m m; touch m/file; mount -o remount,ro m')],
  [
    'a mount below a younger one',
    () => shell('mkdir a b; mount -t tmpfs a a; mount -t tmpfs b b; mkdir b/a; mount --move a b/a'),
  ],
  ['mounts on one another', () => shell('mkdir a; mount -t tmpfs a a; mount -t tmpfs a a')],
])('%s', async (_, make) => {
  await make();
  await teardownVolumes('u1', dirs);
  expect([await mountsBelow(root), await readdir(root), await readdir(join(root, 'pods'))]).toEqual([[], ['pods'], []]);
});

test('what cannot be removed is set aside, and removed once it can be', async () => {
  // A mount point that umount cannot be told of.
  shell(`name="$(printf 'a\\377')"; mkdir "$name"; mount -t tmpfs m "$name"`);
  await teardownVolumes('u1', dirs);
  expect(await readdir(join(root, 'pods'))).toEqual([]);
  const leftovers = await readdir(dirs.leftovers);
  expect(leftovers).toEqual([expect.stringMatching(/^u1-\w{6}$/)]);
  await expect(removeLeftovers(dirs)).rejects.toThrow(
    /^still mounted: .*; unmount what is below .*\/leftovers\/u1-\w+$/,
  );
  expect(await readdir(dirs.leftovers)).toEqual(leftovers);
  execFileSync('sh', ['-ec', 'umount */volumes/v/*'], { cwd: dirs.leftovers });
  await removeLeftovers(dirs);
  expect(await readdir(dirs.leftovers)).toEqual([]);
});
