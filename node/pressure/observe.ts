/** What the machine has left. */
import { readFile, statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import type { Runtime } from '../../runtime/port.ts';
import type { Observation, Observations } from './thresholds.ts';

/**
 * Memory as the kernel says it could be had without swapping (MemAvailable, proc_meminfo(5)), processes, and the file
 * systems of Pods' data (`root`) and of images.
 */
export async function observe(root: string, runtime: Pick<Runtime, 'imageFileSystem'>): Promise<Observations> {
  const [node, images, pids] = await Promise.all([fileSystem(root), runtime.imageFileSystem(), processes()]);
  return {
    'memory.available': { available: freemem(), capacity: totalmem() },
    'nodefs.available': node.bytes,
    'nodefs.inodesFree': node.inodes,
    'imagefs.available': { available: images.availableBytes, capacity: images.capacityBytes },
    'imagefs.inodesFree': images.inodes,
    'pid.available': pids,
  };
}

/** `inodes` is undefined for a file system that makes them as it needs them (btrfs). */
async function fileSystem(path: string): Promise<{ bytes: Observation; inodes?: Observation }> {
  const { bsize, blocks, bavail, files, ffree } = await statfs(path);
  const bytes = { available: bavail * bsize, capacity: blocks * bsize };
  return files === 0 ? { bytes } : { bytes, inodes: { available: ffree, capacity: files } };
}

/** Threads count, too (proc_loadavg(5)). */
async function processes(): Promise<Observation> {
  const read = (name: string) => readFile(`/proc/${name}`, 'utf8');
  const [most, threads, load] = await Promise.all([
    read('sys/kernel/pid_max'),
    read('sys/kernel/threads-max'),
    read('loadavg'),
  ]);
  const capacity = Math.min(Number(most), Number(threads));
  return { available: capacity - Number(/\/(\d+)/.exec(load)?.[1]), capacity };
}
