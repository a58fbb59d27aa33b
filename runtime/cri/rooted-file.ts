/**
 * Writes a file below a directory that somebody else controls (a container's root), so that nothing inside it, changed
 * at whatever moment, leads the write outside.
 *
 * Node has no openat, but `/proc/self/fd/<fd>/<name>` is one: the kernel starts at the opened directory, and with
 * O_NOFOLLOW takes exactly one step. Symlinks are read as text and walked from the root by the same steps, and `..` goes
 * back along the directories that were opened, never through the file system. What is written goes to a new file first
 * and is renamed: no existing file, device or pipe is ever opened, and a reader sees all of the content or none.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readFile, readlink, rename, unlink } from 'node:fs/promises';
import { type RuntimeContainerStatus, RuntimeError } from '../port.ts';

/** Linux's O_PATH, the same number on all its architectures Node runs on. */
const O_PATH = 0o10000000;
const DIRECTORY = O_PATH | constants.O_DIRECTORY;
/** As the kernel's own limit. */
const MAX_SYMLINKS = 40;
/** Each level is an open file while the path is walked. */
const MAX_DEPTH = 128;
const MAX_PATH_BYTES = 4095;

export interface Owner {
  uid: number;
  gid: number;
}

/** Writes a file as the container's processes see it, owned by the container's user. Throws RuntimeError. */
export async function writeContainerFile(
  container: Pick<RuntimeContainerStatus, 'id' | 'name' | 'state' | 'pid'>,
  path: string,
  content: Uint8Array,
  mode: number,
): Promise<void> {
  const { id, name, pid } = container;
  if (pid === undefined) throw new RuntimeError('Failed', `container ${name} is not running (${container.state})`);
  const ended = (cause: unknown) =>
    new RuntimeError('Failed', `container ${name} is not running (it ended)`, { cause });
  const root = await open(`/proc/${pid}/root`, DIRECTORY).catch((error) => {
    throw ended(error);
  });
  try {
    // Asked after the root was opened: if the process is the container's now, it was when its root was opened.
    if (!(await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '')).includes(id)) throw ended(undefined);
    const owner = await ownerOf(pid).catch((error) => {
      throw ended(error);
    });
    await writeBelow(root, path, content, mode, owner);
  } finally {
    await root.close();
  }
}

/** The effective user and group of a process, as the host numbers them. */
async function ownerOf(pid: number): Promise<Owner> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const effective = (field: string) => Number(new RegExp(`^${field}:\\s+\\d+\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return { uid: effective('Uid'), gid: effective('Gid') };
}

/**
 * Writes the file at the absolute `path` as seen from `root`, creating it or replacing a regular file atomically.
 * Throws RuntimeError Failed that says what is in the way.
 */
export async function writeBelow(
  root: FileHandle,
  path: string,
  content: Uint8Array,
  mode: number,
  owner: Owner,
): Promise<void> {
  const walk = new Walk(root, path);
  try {
    const { directory, name } = await walk.toFile();
    const temporary = at(directory, `.durapod-${randomUUID()}`);
    const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants;
    const file = await open(temporary, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600);
    try {
      try {
        await file.writeFile(content);
        await file.chown(owner.uid, owner.gid);
        await file.chmod(mode);
      } finally {
        await file.close();
      }
      await rename(temporary, at(directory, name));
    } catch (error) {
      await unlink(temporary).catch(() => {});
      throw error;
    }
  } catch (error) {
    throw walk.explain(error);
  } finally {
    await walk.close();
  }
}

class Walk {
  readonly #path: string;
  /** The directories from the root (not ours to close) to where the walk is. */
  readonly #opened: FileHandle[];
  #pending: string[];
  #symlinks = 0;

  constructor(root: FileHandle, path: string) {
    this.#path = path;
    this.#opened = [root];
    this.#pending = path.split('/');
  }

  /** The directory and the name of the file: not there yet, or a regular file. */
  async toFile(): Promise<{ directory: FileHandle; name: string }> {
    if (!this.#path.startsWith('/')) this.#fail('the path must be absolute');
    if (this.#path.endsWith('/')) this.#fail('the path must name a file, not a directory');
    if (this.#path.includes('\0')) this.#fail('the path must not contain a zero byte');
    if (Buffer.byteLength(this.#path) > MAX_PATH_BYTES) this.#fail('the path is too long');
    for (let name = this.#pending.shift(); name !== undefined; name = this.#pending.shift()) {
      if (name === '' || name === '.') continue;
      if (name === '..') await this.#up();
      else if (this.#pending.length > 0) await this.#down(name);
      else if (await this.#isFile(name)) return { directory: this.#here, name };
    }
    return this.#fail('the path must name a file, not a directory');
  }

  get #here(): FileHandle {
    return this.#opened.at(-1) as FileHandle;
  }

  async #up(): Promise<void> {
    if (this.#opened.length > 1) await this.#opened.pop()?.close();
  }

  async #down(name: string): Promise<void> {
    if (this.#opened.length >= MAX_DEPTH) this.#fail(`the path is deeper than ${MAX_DEPTH} directories`);
    try {
      this.#opened.push(await open(at(this.#here, name), DIRECTORY | constants.O_NOFOLLOW));
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOENT') this.#fail(`the directory ${JSON.stringify(name)} on the way does not exist`, error);
      if (code !== 'ENOTDIR' && code !== 'ELOOP') throw error;
      await this.#follow(name);
    }
  }

  /** True when `name` is where to write; false when it is a symlink, which the walk then goes along. */
  async #isFile(name: string): Promise<boolean> {
    try {
      const found = await lstat(at(this.#here, name));
      if (found.isSymbolicLink()) {
        await this.#follow(name);
        return false;
      }
      if (found.isDirectory()) this.#fail('a directory is in the way');
      if (!found.isFile()) this.#fail('something that is not a regular file is in the way');
      if (await isMountPoint(this.#here, name)) this.#fail('the file is a mount point, which cannot be replaced');
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    return true;
  }

  async #follow(name: string): Promise<void> {
    if (++this.#symlinks > MAX_SYMLINKS) this.#fail('too many symlinks');
    const target = await readlink(at(this.#here, name)).catch((error) => {
      if (codeOf(error) === 'EINVAL') this.#fail(`${JSON.stringify(name)} on the way is not a directory`, error);
      throw error;
    });
    if (target.startsWith('/')) while (this.#opened.length > 1) await this.#up();
    this.#pending.unshift(...target.split('/'));
  }

  #fail(why: string, cause?: unknown): never {
    throw new RuntimeError('Failed', `cannot write ${this.#path}: ${why}`, { cause });
  }

  /** The error for whatever the file system answered. */
  explain(error: unknown): RuntimeError {
    if (error instanceof RuntimeError) return error;
    const code = codeOf(error) ?? String(error);
    return new RuntimeError('Failed', `cannot write ${this.#path}: ${REASONS[code] ?? code}`, { cause: error });
  }

  async close(): Promise<void> {
    while (this.#opened.length > 1) await this.#up();
  }
}

const REASONS: Record<string, string> = {
  EACCES: 'the file system does not allow it',
  EPERM: 'the file system does not allow it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the file system is full',
  EDQUOT: 'the quota is used up',
  EBUSY: 'the file is in use by the system',
  ENOENT: 'its directory does not exist any more, or takes no files',
  ENAMETOOLONG: 'a name in the path is too long',
  ELOOP: 'too many symlinks',
};

/**
 * Asked because the kernel refuses a rename onto a mount point only where it is one in the caller's own mount namespace:
 * in a container's it would silently unmount it there.
 */
async function isMountPoint(directory: FileHandle, name: string): Promise<boolean> {
  const file = await open(at(directory, name), O_PATH | constants.O_NOFOLLOW);
  try {
    return (await mountId(file)) !== (await mountId(directory));
  } finally {
    await file.close();
  }
}

async function mountId(file: FileHandle): Promise<string | undefined> {
  return /^mnt_id:\s*(\d+)$/m.exec(await readFile(`/proc/self/fdinfo/${file.fd}`, 'utf8'))?.[1];
}

function at(directory: FileHandle, name: string): string {
  return `/proc/self/fd/${directory.fd}/${name}`;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
