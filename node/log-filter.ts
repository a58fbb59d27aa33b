import { type EntryHead, MAX_HEAD_BYTES, parseHead, toNanoseconds, withNanoseconds } from './log-format.ts';

const NEWLINE = 10;

export interface LogFilterOptions {
  /** Only entries from this time on, in nanoseconds since 1970. */
  since?: bigint;
  /** Put each line's time in front of it. */
  timestamps?: boolean;
  /** Only this stream; both when absent. */
  stream?: 'stdout' | 'stderr';
}

/**
 * Turns CRI log bytes, cut anywhere, into what a client sees. It holds no more than one entry's head, however long the
 * line is. Entries that are not in the format are left out.
 */
export class LogFilter {
  readonly #options: LogFilterOptions;
  #mode: 'head' | 'content' | 'skip' = 'head';
  #head: Buffer = Buffer.alloc(0);
  #partial = false;
  /** The stream whose line is not finished yet. */
  #open: EntryHead['stream'] | undefined;

  constructor(options: LogFilterOptions) {
    this.#options = options;
  }

  /** The text that `chunk` adds; newly allocated, so the chunk may be used again. */
  push(chunk: Buffer): Buffer {
    const out: Buffer[] = [];
    let at = 0;
    while (at < chunk.length) {
      at = this.#mode === 'head' ? this.#readHead(chunk, at, out) : this.#readContent(chunk, at, out);
    }
    return Buffer.concat(out);
  }

  #readHead(chunk: Buffer, at: number, out: Buffer[]): number {
    const before = this.#head.length;
    const bytes = Buffer.concat([this.#head, chunk.subarray(at, at + MAX_HEAD_BYTES)]);
    const head = parseHead(bytes);
    if (head === 'incomplete') {
      this.#head = bytes;
      return chunk.length;
    }
    this.#head = Buffer.alloc(0);
    if (head === 'malformed') {
      this.#mode = 'skip';
      // What was held back has no newline in it, or it would have been judged before.
      return at;
    }
    this.#begin(head, out);
    return at + head.length - before;
  }

  #begin(head: EntryHead, out: Buffer[]): void {
    const { since, stream, timestamps } = this.#options;
    const wanted = (!stream || stream === head.stream) && (since === undefined || toNanoseconds(head.time) >= since);
    this.#mode = wanted ? 'content' : 'skip';
    if (!wanted) return;
    // The other stream's unfinished line is ended here, so that the two do not run into one another.
    if (this.#open && this.#open !== head.stream) out.push(Buffer.from('\n'));
    if (timestamps && this.#open !== head.stream) out.push(Buffer.from(`${withNanoseconds(head.time)} `));
    this.#open = head.stream;
    this.#partial = head.partial;
  }

  #readContent(chunk: Buffer, at: number, out: Buffer[]): number {
    const newline = chunk.indexOf(NEWLINE, at);
    const end = newline < 0 ? chunk.length : newline;
    const complete = newline >= 0 && !this.#partial;
    if (this.#mode === 'content') {
      out.push(chunk.subarray(at, complete ? end + 1 : end));
      if (complete) this.#open = undefined;
    }
    if (newline < 0) return chunk.length;
    this.#mode = 'head';
    return newline + 1;
  }
}
