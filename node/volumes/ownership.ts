/** The group of a Pod's volumes, fsGroup (Kubernetes docs: "Configure a Security Context for a Pod or Container"). */
import { chmod, lchown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const READ = 0o440;
const READ_WRITE = 0o660;
/** For directories: enterable, and what is made in them gets their group. */
const DIRECTORY = 0o2110;
const KEEP = -1;

/** Only root can give files away; as another user they stay what they are. */
export const canChown = (): boolean => process.getuid?.() === 0;

/** A mode with what the group needs added. Pure. */
export const groupMode = (mode: number, isDirectory: boolean, isReadOnly: boolean): number =>
  (mode & 0o7777) | (isReadOnly ? READ : READ_WRITE) | (isDirectory ? DIRECTORY : 0);

/** Gives everything at and below `path` to the group. Symbolic links are not followed. */
export async function giveToGroup(path: string, gid: number, isReadOnly: boolean): Promise<void> {
  if (!canChown()) return;
  const stat = await lstat(path);
  await lchown(path, KEEP, gid);
  if (stat.isSymbolicLink()) return;
  await chmod(path, groupMode(stat.mode, stat.isDirectory(), isReadOnly));
  if (!stat.isDirectory()) return;
  for (const name of await readdir(path)) await giveToGroup(join(path, name), gid, isReadOnly);
}

/** Gives one file to a user. */
export async function giveToUser(path: string, uid: number): Promise<void> {
  if (canChown()) await lchown(path, uid, KEEP);
}
