/** How much of a disk a directory takes, as `du` counts: blocks, hard links once, other file systems below it not at all. */
import { execFile } from 'node:child_process';
import { lstat, readdir } from 'node:fs/promises';
import { promisify } from 'node:util';

/** `st_blocks` counts in these, whatever the file system's own are. */
const BLOCK_BYTES = 512;

export interface DiskUsage {
  bytes: number;
  /** Files and directories. */
  inodes: number;
}

/** Nothing for what is not there. What vanishes meanwhile does not count. */
export async function diskUsage(path: string): Promise<DiskUsage> {
  try {
    return await walk(Buffer.from(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENAMETOOLONG') throw error;
    return { bytes: await du(path, '--block-size=1'), inodes: await du(path, '--inodes') };
  }
}

/** Names are bytes: one that is no text is not found by its text. */
async function walk(path: Buffer): Promise<DiskUsage> {
  const top = await lstat(path).catch(ignoreGone);
  if (!top) return { bytes: 0, inodes: 0 };
  const linked = new Set<number>();
  const open = [{ path, stats: top }];
  let blocks = 0;
  let inodes = 0;
  for (let next = open.pop(); next; next = open.pop()) {
    const { stats } = next;
    if (stats.dev !== top.dev || linked.has(stats.ino)) continue;
    if (stats.nlink > 1 && !stats.isDirectory()) linked.add(stats.ino);
    blocks += stats.blocks;
    inodes++;
    if (!stats.isDirectory()) continue;
    const directory = Buffer.concat([next.path, Buffer.from('/')]);
    for (const name of (await readdir(directory, { encoding: 'buffer' }).catch(ignoreGone)) ?? []) {
      const child = Buffer.concat([directory, name]);
      const found = await lstat(child).catch(ignoreGone);
      if (found) open.push({ path: child, stats: found });
    }
  }
  return { bytes: blocks * BLOCK_BYTES, inodes };
}

/** The program of that name goes deeper than any path can. What vanishes meanwhile makes it fail, and it counts all the same. */
async function du(path: string, unit: string): Promise<number> {
  const args = ['--summarize', '--one-file-system', unit, '--', path];
  const { stdout } = await promisify(execFile)('du', args).catch((error) => error);
  const number = /^\d+/.exec(stdout ?? '')?.[0];
  if (number === undefined) throw new Error(`du does not say how much is in ${path}; it is part of coreutils`);
  return Number(number);
}

function ignoreGone(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}
