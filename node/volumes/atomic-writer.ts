/**
 * Writes a set of files so that a reader sees all of the old or all of the new. The files stand in a directory
 * `..<time>`; `..data` is a symbolic link to it that is replaced in one step; and each name the container sees is a
 * link through `..data`. The scheme is the kubelet's, and programs that watch for changes know it.
 */
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { giveToGroup, giveToUser } from './ownership.ts';

export interface ProjectedFile {
  data: Buffer;
  mode: number;
  /** Owner; root when absent. */
  uid?: number;
}
/** Files by their path below the volume. */
export type Payload = Map<string, ProjectedFile>;

const DATA = '..data';
const NEW_DATA = '..data_tmp';
const MAX_PATH = 4096;
const MAX_NAME = 255;

/** Throws when the path could leave the volume or be taken for the writer's own. Returns it in its plainest form. Pure. */
export function cleanPath(path: string): string {
  const parts = path.split('/');
  const fail = (why: string): never => {
    throw new Error(`invalid path "${path}": ${why}`);
  };
  if (path === '') fail('must not be empty');
  if (path.startsWith('/')) fail('must be relative');
  if (path.includes('\0')) fail('must not contain NUL');
  if (path.length > MAX_PATH) fail(`must be at most ${MAX_PATH} characters`);
  if (parts.includes('..')) fail("must not contain '..'");
  if (path.startsWith('..')) fail("must not start with '..'");
  if (parts.some((part) => Buffer.byteLength(part) > MAX_NAME)) fail(`names must be at most ${MAX_NAME} bytes`);
  const clean = normalize(path).replace(/\/+$/, '');
  if (clean === '.') fail('must name a file');
  return clean;
}

const clean = (payload: Payload): Payload => new Map([...payload].map(([path, file]) => [cleanPath(path), file]));
const topNames = (paths: Iterable<string>): Set<string> => new Set([...paths].map((path) => path.split('/', 1)[0]!));

/** Paths of all files below a directory. */
async function filesBelow(directory: string, prefix = ''): Promise<string[]> {
  const entries = await readdir(join(directory, prefix), { withFileTypes: true });
  const nested = entries.map((entry) => {
    const path = join(prefix, entry.name);
    return entry.isDirectory() ? filesBelow(directory, path) : [path];
  });
  return (await Promise.all(nested)).flat();
}

async function isSame(directory: string, paths: string[], payload: Payload): Promise<boolean> {
  if (paths.length !== payload.size || !paths.every((path) => payload.has(path))) return false;
  for (const [path, { data }] of payload) {
    if (!(await readFile(join(directory, path))).equals(data)) return false;
  }
  return true;
}

async function writeAll(directory: string, payload: Payload): Promise<void> {
  await chmod(directory, 0o755);
  for (const [path, file] of payload) {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await writeFile(target, file.data, { flag: 'wx', mode: 0o600 });
    await chmod(target, file.mode);
    if (file.uid !== undefined) await giveToUser(target, file.uid);
  }
}

/** Links the names the container sees; those of the old content that are gone are removed. */
async function link(directory: string, names: Set<string>, oldNames: Set<string>): Promise<void> {
  for (const name of names) {
    await symlink(join(DATA, name), join(directory, name)).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  for (const name of oldNames) {
    if (!names.has(name)) await rm(join(directory, name), { force: true });
  }
}

/** What a crash left behind: content that nothing links to. */
async function removeStale(directory: string, current: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const isContent = name.startsWith('..') && name !== DATA && name !== current;
    if (isContent) await rm(join(directory, name), { recursive: true, force: true });
  }
}

async function current(directory: string): Promise<{ name: string; paths: string[] } | undefined> {
  const name = await readlink(join(directory, DATA)).catch(() => undefined);
  if (name === undefined) return undefined;
  const isThere = await lstat(join(directory, name)).then(
    (stat) => stat.isDirectory(),
    () => false,
  );
  return isThere ? { name, paths: await filesBelow(join(directory, name)) } : undefined;
}

/**
 * Makes the directory (which must exist) show exactly the payload. Resolves with true when it had to write. With
 * `fsGroup` everything is given to that group, readable. Not to be called twice at once for a directory.
 */
export async function writeAtomically(directory: string, files: Payload, fsGroup?: number): Promise<boolean> {
  const payload = clean(files);
  const old = await current(directory);
  const names = topNames(payload.keys());
  const oldNames = topNames(old?.paths ?? []);
  if (old && (await isSame(join(directory, old.name), old.paths, payload))) {
    await link(directory, names, oldNames);
    return false;
  }
  const time = new Date().toISOString().replace(/[-:]/g, '_').replace(/Z$/, '');
  const fresh = await mkdtemp(join(directory, `..${time}.`));
  const name = fresh.slice(directory.length + 1);
  await writeAll(fresh, payload);
  if (fsGroup !== undefined) await giveToGroup(directory, fsGroup, true);
  await rm(join(directory, NEW_DATA), { force: true });
  await symlink(name, join(directory, NEW_DATA));
  await rename(join(directory, NEW_DATA), join(directory, DATA));
  await link(directory, names, oldNames);
  await removeStale(directory, name);
  return true;
}
