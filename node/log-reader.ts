import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LogFilter, type LogFilterOptions } from './log-filter.ts';
import { tailOffset } from './log-tail.ts';

const CHUNK_BYTES = 64 * 1024;
/** How often, in ms, a follower looks for what the file system did not tell it, and whether the container has ended. */
const POLL_MS = 300;
/** How long, in ms, a rotated file is still read: the runtime may write a last line to it. */
const ROTATED_MS = 100;

export interface ReadLogOptions extends LogFilterOptions {
  /** Begin with the last so many lines. */
  tailLines?: number;
  /** End after so many bytes. */
  limitBytes?: number;
  /** Go on after the end of the file, until this says that the container writes no more. */
  follow?: { ended(): Promise<boolean> };
  signal?: AbortSignal;
}

/**
 * The text of a container's log file. Reads on only as the consumer takes, and holds one chunk at a time. A follower
 * goes with a rotation (the file renamed, a new one in its place) and ends when the container has ended and all is
 * read. Throws what opening and reading throw (ENOENT when there is no such log).
 */
export async function* readLog(path: string, options: ReadLogOptions): AsyncGenerator<Buffer, void, void> {
  const { follow, signal } = options;
  const filter = new LogFilter(options);
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  let file = await open(path);
  const changes = follow ? new Changes(dirname(path), signal) : undefined;
  try {
    let position =
      options.tailLines === undefined ? 0 : await tailOffset(file, (await file.stat()).size, options.tailLines);
    let ended = false;
    let asked = 0;
    let rotatedAt: number | undefined;
    while (!signal?.aborted) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, position);
      if (bytesRead > 0) {
        position += bytesRead;
        const text = filter.push(chunk.subarray(0, bytesRead)).subarray(0, left);
        left -= text.length;
        if (text.length > 0) yield text;
        if (left === 0) return;
        continue;
      }
      if (!follow || !changes) return;

      const place = await compare(file, path, position);
      if (place === 'truncated') {
        position = 0;
        continue;
      }
      if (place === 'replaced') {
        rotatedAt ??= Date.now();
        if (!ended && Date.now() - rotatedAt < ROTATED_MS) {
          await changes.next(ROTATED_MS);
          continue;
        }
        const next = await open(path);
        await file.close();
        file = next;
        position = 0;
        rotatedAt = undefined;
        continue;
      }
      if (ended) return;
      if (Date.now() - asked >= POLL_MS) {
        asked = Date.now();
        ended = await follow.ended();
        if (ended) continue;
      }
      await changes.next(POLL_MS);
    }
  } finally {
    changes?.close();
    await file.close();
  }
}

/** What has become of `path` since `file` was opened there. */
async function compare(
  file: FileHandle,
  path: string,
  position: number,
): Promise<'same' | 'replaced' | 'truncated' | 'gone'> {
  const mine = await file.stat();
  const there = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!there) return 'gone';
  if (there.ino !== mine.ino || there.dev !== mine.dev) return 'replaced';
  return mine.size < position ? 'truncated' : 'same';
}

/** Changes in a directory, as hints: one that is missed costs a poll interval, nothing else. */
class Changes {
  readonly #watcher: FSWatcher | undefined;
  readonly #signal: AbortSignal | undefined;
  #changed = false;
  #wake: () => void = () => {};

  constructor(directory: string, signal?: AbortSignal) {
    this.#signal = signal;
    const note = () => {
      this.#changed = true;
      this.#wake();
    };
    try {
      this.#watcher = watch(directory, { persistent: false }, note);
      this.#watcher.on('error', note);
    } catch {
      // No inotify watches left: the poll goes on alone.
    }
    signal?.addEventListener('abort', note, { once: true });
  }

  /** Resolves at the first change since it last resolved, or after `ms`. */
  async next(ms: number): Promise<void> {
    if (!this.#changed && !this.#signal?.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#changed = false;
  }

  close(): void {
    this.#watcher?.close();
  }
}
