/** Takes down everything of a Pod on the node but its logs. */
import { lstat, mkdir, mkdtemp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../pod/message-of.ts';
import type { NodeDirs } from '../dirs.ts';
import { mountsBelow, unmount } from './mounts.ts';
import { removeTree } from './remove-tree.ts';

/**
 * Unmounts what is mounted below the Pod's directory and removes the directory. What a container made so that it cannot be
 * removed does not hold up its Pod: it is set aside (see `dirs.leftovers`). Success when it is gone already.
 */
export async function teardownVolumes(uid: string, dirs: NodeDirs): Promise<void> {
  const directory = dirs.podDir(uid);
  if (!(await exists(directory))) return;
  try {
    await takeDown(directory);
  } catch {
    await mkdir(dirs.leftovers, { recursive: true, mode: 0o700 });
    await rename(directory, await mkdtemp(join(dirs.leftovers, `${uid}-`)));
  }
}

/**
 * Unmounts what is mounted below a directory, then removes it. Nothing is removed while something is still mounted,
 * because that may be the host's. Throws what stands in the way.
 */
export async function takeDown(directory: string): Promise<void> {
  let failure: unknown;
  for (const path of await mountsBelow(directory)) {
    await unmount(path).catch((error) => {
      // Another one may have taken it with it.
      failure ??= error;
    });
  }
  const left = await mountsBelow(directory);
  if (left.length > 0) {
    throw new Error(`still mounted: ${left[0]} (${messageOf(failure)}); unmount what is below ${directory}`);
  }
  await removeTree(directory);
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}
