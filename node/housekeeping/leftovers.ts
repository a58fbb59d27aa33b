/** What could not be removed with its Pod: a container made it so, and its Pod did not wait for it. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeDirs } from '../dirs.ts';
import { takeDown } from '../volumes/teardown.ts';
import { eachInTurn } from './each-in-turn.ts';

/** Tries again to remove it. Throws at the end what still stands in the way. */
export async function removeLeftovers({ leftovers }: NodeDirs): Promise<void> {
  const names = await readdir(leftovers).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  await eachInTurn(names, (name) => takeDown(join(leftovers, name)));
}
