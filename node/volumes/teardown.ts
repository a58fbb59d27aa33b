/** Takes down everything of a Pod on the node but its logs. */
import { lstat, rm } from 'node:fs/promises';
import type { NodeDirs } from '../dirs.ts';
import { mountsBelow, unmount } from './mounts.ts';

/**
 * Unmounts what is mounted below the Pod's directory, then removes the directory. Nothing is removed while something
 * is still mounted, because that may be the host's. Success when it is gone already. Throws what stands in the way.
 */
export async function teardownVolumes(uid: string, dirs: NodeDirs): Promise<void> {
  const directory = dirs.podDir(uid);
  const isThere = await lstat(directory).then(
    () => true,
    (error) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  if (!isThere) return;
  for (const path of await mountsBelow(directory)) await unmount(path);
  const left = await mountsBelow(directory);
  if (left.length > 0) throw new Error(`still mounted below ${directory}: ${left.join(', ')}; unmount and try again`);
  await rm(directory, { recursive: true, force: true });
}
