/** A container's log in CRI's format: a line each, `<RFC 3339 time> <stdout|stderr> F <text>`. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from './clock.ts';

const NAMES = { 1: 'stdout', 2: 'stderr' } as const;

export class LogFile {
  readonly #path: string;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #begun: Record<1 | 2, string> = { 1: '', 2: '' };

  /** Creates the file, and its directory. */
  constructor(path: string, clock: Pick<Clock, 'now'>) {
    this.#path = path;
    this.#clock = clock;
    mkdirSync(dirname(path), { recursive: true });
    this.reopen();
  }

  /** Makes the file when it was moved away. */
  reopen(): void {
    appendFileSync(this.#path, '', { mode: 0o640 });
  }

  write(stream: 1 | 2, text: string): void {
    const lines = (this.#begun[stream] + text).split('\n');
    this.#begun[stream] = lines.pop() ?? '';
    this.#append(stream, lines);
  }

  /** Writes what was begun without its end of line. */
  end(): void {
    for (const stream of [1, 2] as const) {
      if (this.#begun[stream] !== '') this.#append(stream, [this.#begun[stream]]);
      this.#begun[stream] = '';
    }
  }

  #append(stream: 1 | 2, lines: string[]): void {
    // Nine digits, as the real runtimes write: readers sort these as text.
    const time = new Date(this.#clock.now()).toISOString().replace('Z', '000000Z');
    const text = lines.map((line) => `${time} ${NAMES[stream]} F ${line}\n`).join('');
    // Opened anew each time: so a log that was moved away is written where it belongs, as after reopenLog.
    try {
      if (text !== '') appendFileSync(this.#path, text);
    } catch (error) {
      // The Pod's log directory went before its process: a real one writes on into the deleted file.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
}
