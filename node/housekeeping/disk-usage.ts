/** How much of a disk a directory takes, as `du` counts: blocks, hard links once, other file systems below it not at all. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** `st_blocks` counts in these, whatever the file system's own are. */
const BLOCK_BYTES = 512;

/** Bytes; 0 for what is not there. What vanishes meanwhile does not count. */
export async function diskUsage(path: string): Promise<number> {
  const top = await lstat(path).catch(ignoreGone);
  if (!top) return 0;
  const linked = new Set<number>();
  const open = [{ path, stats: top }];
  let blocks = 0;
  for (let next = open.pop(); next; next = open.pop()) {
    const { stats } = next;
    if (stats.dev !== top.dev || linked.has(stats.ino)) continue;
    if (stats.nlink > 1 && !stats.isDirectory()) linked.add(stats.ino);
    blocks += stats.blocks;
    if (!stats.isDirectory()) continue;
    const directory = next.path;
    for (const name of (await readdir(directory).catch(ignoreGone)) ?? []) {
      const child = join(directory, name);
      const found = await lstat(child).catch(ignoreGone);
      if (found) open.push({ path: child, stats: found });
    }
  }
  return blocks * BLOCK_BYTES;
}

function ignoreGone(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}
