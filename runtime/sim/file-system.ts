/** A container's files: in memory, but for its mounts, which are directories of this machine. Errors carry the shell's words. */
import { appendFileSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import type { Mount } from '../port.ts';

const DIRECTORIES = [
  '/',
  '/bin',
  '/dev',
  '/etc',
  '/home',
  '/proc',
  '/root',
  '/sys',
  '/tmp',
  '/usr',
  '/usr/bin',
  '/var',
  '/var/tmp',
];

const MESSAGES: Record<string, string> = {
  ENOENT: 'No such file or directory',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  EROFS: 'Read-only file system',
  EACCES: 'Permission denied',
};

export class FileError extends Error {
  override readonly name = 'FileError';
  readonly code: string;
  constructor(code: string) {
    super(MESSAGES[code] ?? code);
    this.code = code;
  }
}

export class FileSystem {
  readonly #files = new Map<string, Buffer>();
  readonly #mounts: Mount[];

  constructor(mounts: Mount[] = []) {
    this.#mounts = mounts.toSorted((a, b) => b.containerPath.length - a.containerPath.length);
  }

  /** Of all files but those in mounts. */
  get sizeBytes(): number {
    return this.#files.values().reduce((sum, content) => sum + content.length, 0);
  }

  get count(): number {
    return this.#files.size;
  }

  /** Throws FileError. */
  read(path: string): Buffer {
    if (resolve(path) === '/dev/null') return Buffer.alloc(0);
    const mounted = this.#mounted(path);
    if (mounted) return attempt(() => readFileSync(mounted.hostPath));
    const content = this.#files.get(resolve(path));
    if (content) return content;
    throw new FileError(this.#isDirectory(path) ? 'EISDIR' : 'ENOENT');
  }

  /** Creates or replaces; parents must exist. Throws FileError. */
  write(path: string, content: Uint8Array, { append = false, mode = 0o644 } = {}): void {
    if (resolve(path) === '/dev/null') return;
    const mounted = this.#mounted(path);
    if (mounted) {
      if (mounted.readonly) throw new FileError('EROFS');
      attempt(() => (append ? appendFileSync : writeFileSync)(mounted.hostPath, content, { mode }));
      return;
    }
    const full = resolve(path);
    if (this.#isDirectory(full)) throw new FileError('EISDIR');
    const parent = posix.dirname(full);
    if (!this.#isDirectory(parent)) throw new FileError(this.#files.has(parent) ? 'ENOTDIR' : 'ENOENT');
    this.#files.set(
      full,
      append ? Buffer.concat([this.#files.get(full) ?? Buffer.alloc(0), content]) : Buffer.from(content),
    );
  }

  /** Creates an empty file unless there is something. Throws FileError. */
  touch(path: string, now: Date): void {
    const mounted = this.#mounted(path);
    if (mounted && !mounted.readonly && exists(mounted.hostPath)) attempt(() => utimesSync(mounted.hostPath, now, now));
    else if (mounted || (!this.#files.has(resolve(path)) && !this.#isDirectory(path)))
      this.write(path, Buffer.alloc(0), { append: true });
  }

  /** The first directory on the way to `path` that is not there, by its name. */
  missingParent(path: string): string | undefined {
    let here = '/';
    for (const name of posix.dirname(resolve(path)).split('/').filter(Boolean)) {
      here = posix.join(here, name);
      const mounted = this.#mounted(here);
      if (mounted ? !exists(mounted.hostPath) : !this.#isDirectory(here)) return name;
    }
    return undefined;
  }

  #isDirectory(path: string): boolean {
    const full = resolve(path);
    // The mount's own directory, and those on the way to it, exist in the container.
    return (
      DIRECTORIES.includes(full) || this.#mounts.some(({ containerPath }) => `${containerPath}/`.startsWith(`${full}/`))
    );
  }

  #mounted(path: string): { hostPath: string; readonly: boolean } | undefined {
    const full = resolve(path);
    const mount = this.#mounts.find(
      ({ containerPath }) => full === containerPath || full.startsWith(`${containerPath}/`),
    );
    return mount && { hostPath: mount.hostPath + full.slice(mount.containerPath.length), readonly: mount.readonly };
  }
}

function resolve(path: string): string {
  return posix.resolve('/', path);
}

function exists(hostPath: string): boolean {
  return statSync(hostPath, { throwIfNoEntry: false }) !== undefined;
}

function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new FileError(error instanceof Error && 'code' in error ? String(error.code) : String(error));
  }
}
