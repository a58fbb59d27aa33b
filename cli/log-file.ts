import {
  closeSync,
  copyFileSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { codeOf } from './user-error.ts';

/** A log larger than this is rotated; one older generation is kept (`<path>.1`). */
export const MAX_LOG_BYTES = 20 * 1024 * 1024;

/** Moves the last run's log to `<path>.1`. */
export function rotateAtStart(path: string): void {
  try {
    renameSync(path, `${path}.1`);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/**
 * Bounds a log that another process writes. It is copied and emptied, since that process keeps its open file (which it
 * must have opened for appending); what it writes between the two is lost.
 */
export function rotateWhenLarge(path: string, maxBytes = MAX_LOG_BYTES): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= maxBytes) return;
  try {
    copyFileSync(path, `${path}.1`);
  } catch {
    // No room for an older generation: the log must not grow for want of it.
    rmSync(`${path}.1`, { force: true });
  }
  truncateSync(path);
}

/** The last lines of a log, for an error message; reads at most 8 KiB. */
export function lastLines(path: string, count: number): string[] {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    const size = fstatSync(file).size;
    const buffer = Buffer.alloc(Math.min(size, 8192));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim())
      .slice(-count);
  } finally {
    closeSync(file);
  }
}
