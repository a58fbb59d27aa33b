/**
 * Parts of volumes (subPath). A container may write symbolic links into its volume, so a path inside it is never
 * trusted: it is resolved, must lie within the volume, is then opened step by step without following any link, and
 * what was opened is bound to a place that containers cannot reach. The runtime mounts that place.
 */
import { constants } from 'node:fs';
import { chmod, type FileHandle, lstat, mkdir, open, realpath, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { bindMount, canMount, isMountPoint, unmount } from './mounts.ts';

/** The subPath cannot be used. The message shows nothing of the host. */
export class SubPathError extends Error {
  override readonly name = 'SubPathError';
}

/** Linux: a handle on the place itself, whatever it is. Not among Node's constants. */
const O_PATH = 0o10000000;
const STEP = O_PATH | constants.O_NOFOLLOW;

const through = (handle: FileHandle, name: string): string => join('/proc/self/fd', String(handle.fd), name);
const isWithin = (path: string, root: string): boolean => path === root || path.startsWith(join(root, '/'));

/** The path in its parts. Throws for one that could leave the volume by itself. Pure. */
function subPathParts(subPath: string): string[] {
  if (subPath.startsWith('/')) throw new SubPathError(`subPath "${subPath}" must not be an absolute path`);
  const parts = subPath.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new SubPathError(`subPath "${subPath}" must not contain '..'`);
  if (subPath.includes('\0')) throw new SubPathError('subPath must not contain NUL');
  return parts;
}

/** The longest part of the path that exists, resolved to its own parts, and what is missing after it. */
async function resolveExisting(root: string, parts: string[]): Promise<{ existing: string[]; missing: string[] }> {
  for (let length = parts.length; length > 0; length--) {
    const real = await realpath(join(root, ...parts.slice(0, length))).catch((error) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (real === undefined) continue;
    if (!isWithin(real, root)) throw new SubPathError('a symbolic link in it leads out of the volume');
    return { existing: relative(root, real).split('/').filter(Boolean), missing: parts.slice(length) };
  }
  return { existing: [], missing: parts };
}

/** Makes a directory; resolves with false when it is there (two containers may make the same one at once). */
const makeDirectory = (path: string): Promise<boolean> =>
  mkdir(path).then(
    () => true,
    (error) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );

/** Opens the path below the root, making what is missing with the root's mode. The caller closes the handle. */
async function openWithin(root: string, existing: string[], missing: string[]): Promise<FileHandle> {
  const mode = (await stat(root)).mode & 0o7777;
  let handle = await open(root, STEP);
  try {
    for (const [index, name] of [...existing, ...missing].entries()) {
      const isNew = index >= existing.length && (await makeDirectory(through(handle, name)));
      const next = await open(through(handle, name), STEP);
      await handle.close();
      handle = next;
      const opened = await handle.stat();
      if (opened.isSymbolicLink()) throw new SubPathError('a symbolic link appeared in it');
      if (isNew && opened.isDirectory()) await chmod(through(handle, '.'), mode);
    }
    return handle;
  } catch (error) {
    await handle.close().catch(() => undefined);
    throw error;
  }
}

/** Binds what the handle is open on to `target`, unless that is bound there already. */
async function bind(handle: FileHandle, target: string): Promise<void> {
  const source = await handle.stat();
  let there = await lstat(target).catch(() => undefined);
  if (there && (await isMountPoint(target))) {
    if (there.dev === source.dev && there.ino === source.ino) return;
    await unmount(target);
    there = await lstat(target);
  }
  if (there && there.isDirectory() !== source.isDirectory()) {
    await (there.isDirectory() ? rmdir(target) : unlink(target));
  }
  await mkdir(dirname(target), { recursive: true, mode: 0o750 });
  if (source.isDirectory()) await mkdir(target, { recursive: true });
  else await writeFile(target, '', { flag: 'a' });
  await bindMount(`/proc/${process.pid}/fd/${handle.fd}`, target);
}

/**
 * The host's path to mount for a part of a volume; directories that are missing are made. `target` is where the part
 * is bound, a path of this use alone below the Pod's directory. Safe to repeat. Throws SubPathError.
 */
export async function prepareSubPath(volume: string, subPath: string, target: string): Promise<string> {
  const parts = subPathParts(subPath);
  try {
    const root = await realpath(volume);
    const { existing, missing } = await resolveExisting(root, parts);
    const handle = await openWithin(root, existing, missing);
    try {
      if (!(await canMount())) return join(root, ...existing, ...missing);
      await bind(handle, target);
      return target;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof SubPathError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    throw new SubPathError(`subPath "${subPath}" cannot be used${code ? ` (${code})` : ''}`, { cause: error });
  }
}
