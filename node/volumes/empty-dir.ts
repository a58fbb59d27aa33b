/** Volumes that start empty and live as long as the Pod: on disk, or in memory. */
import { chmod, lstat, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Pod, Volume } from '../../pod/types.ts';
import type { Allocatable } from '../spec/context.ts';
import { memoryVolumeSize } from './memory-size.ts';
import { canMount, isMountPoint, mountTmpfs } from './mounts.ts';
import { giveToGroup, groupMode } from './ownership.ts';

const MODE = 0o777;
/** A tmpfs is sticky unless told otherwise, and so it is with the kubelet. */
const TMPFS_MODE = 0o1777;

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** Made aside and moved into place, so that a directory that is there is finished and never touched again. */
async function onDisk(path: string, fsGroup: number | undefined): Promise<void> {
  if (await exists(path)) return;
  const unfinished = join(dirname(path), `.new-${basename(path)}`);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await chmod(unfinished, MODE);
  if (fsGroup !== undefined) await giveToGroup(unfinished, fsGroup, false);
  await rename(unfinished, path);
}

/** A tmpfs of its own; a plain directory where this process may not mount. Mounted again after a reboot. */
export async function inMemory(path: string, options: { sizeBytes: bigint; mode: number; gid?: number }) {
  await mkdir(path, { recursive: true });
  if (!(await canMount())) return chmod(path, options.mode);
  if (!(await isMountPoint(path))) await mountTmpfs(path, options);
}

/** Throws for a medium other than disk and memory. */
export async function setUpEmptyDir(path: string, pod: Pod, volume: Volume, node: Allocatable): Promise<void> {
  const { medium = '', sizeLimit } = volume.emptyDir ?? {};
  const { fsGroup } = pod.spec.securityContext ?? {};
  if (medium === '') return onDisk(path, fsGroup);
  if (medium !== 'Memory')
    throw new Error(`emptyDir medium "${medium}" is not supported by durapod; use "Memory" or ""`);
  return inMemory(path, {
    sizeBytes: memoryVolumeSize(pod, sizeLimit, node),
    ...(fsGroup === undefined ? { mode: TMPFS_MODE } : { mode: groupMode(TMPFS_MODE, true, false), gid: fsGroup }),
  });
}
