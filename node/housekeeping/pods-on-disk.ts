/** The Pods that have a log directory below the node's root: it is the first thing made for a Pod, and the last to go. */
import { readdir } from 'node:fs/promises';
import type { PodRef } from '../../pod/types.ts';
import type { NodeDirs } from '../dirs.ts';

export async function podsOnDisk(dirs: NodeDirs): Promise<PodRef[]> {
  const names = await readdir(dirs.logs).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.flatMap((directory) => {
    // None of the three can have an underscore in it.
    const [namespace, name, uid, ...more] = directory.split('_');
    return namespace && name && uid && more.length === 0 ? [{ namespace, name, uid }] : [];
  });
}
