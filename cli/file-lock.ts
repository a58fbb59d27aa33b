import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeFileAtomic } from './files.ts';
import { UserError } from './user-error.ts';

/** SQLite's result code when another connection holds the database. */
const SQLITE_BUSY = 5;

/** A held lock; `release` gives it back. */
export interface FileLock {
  release(): void;
}

/**
 * Takes the lock `path`, or resolves to undefined when another process holds it. It is the kernel's lock (through
 * SQLite), so it ends with its process, however that dies: there is no stale lock. Beside it stands `<path>.pid`;
 * `quiet` leaves that as it is, for a caller who only looks.
 */
export function tryLock(path: string, { quiet = false } = {}): FileLock | undefined {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  if (!quiet) writeFileAtomic(`${path}.pid`, `${process.pid}\n`, 0o600);
  return { release: () => database.close() };
}

/** The process that holds, or last held, the lock. */
export function lockOwner(path: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(`${path}.pid`, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Runs `work` under the lock, waiting for it up to `waitMs`. `onWait` is called once when it must wait. Throws UserError,
 * naming the process that has it.
 */
export async function withLock<T>(
  path: string,
  waitMs: number,
  work: () => Promise<T>,
  onWait?: (owner: number | undefined) => void,
): Promise<T> {
  const deadline = Date.now() + waitMs;
  let lock = tryLock(path);
  if (!lock) onWait?.(lockOwner(path));
  while (!lock) {
    if (Date.now() > deadline) {
      const owner = lockOwner(path) ?? 'unknown';
      throw new UserError(
        `process ${owner} still holds the lock ${path}: wait for its end, or end it with \`kill ${owner}\`, then try again`,
      );
    }
    await sleep(100);
    lock = tryLock(path);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}
