/** A person's shell beside a durapod: programs that keep running, a terminal, and tables as rows of cells. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Durapod } from './durapod.ts';

const BOUND_MS = 40_000;

/** Looks again and again until `look` gives something; throws after 40 s, with what it last threw. */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + BOUND_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`not within ${BOUND_MS / 1000} s: ${what}`);
    await sleep(100);
  }
}

/** A program that runs beside the test. */
export class Running {
  #text = '';
  readonly #child: ChildProcess;
  readonly #exit: Promise<number>;

  constructor(durapod: Durapod, command: string, args: string[]) {
    this.#child = spawn(command, args, { env: durapod.env, stdio: 'pipe' });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (chunk) => (this.#text += chunk));
    // It may end while something is typed.
    this.#child.stdin?.on('error', () => {});
    this.#exit = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code) => resolve(code ?? -1));
    });
  }

  /** What it printed so far, as it does on a terminal or not. */
  get text(): string {
    return this.#text.replaceAll('\r\n', '\n');
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Waits until it has printed this. */
  async prints(part: string): Promise<void> {
    await until(`${JSON.stringify(part)} in what is printed`, () => this.text.includes(part) || undefined).catch(
      (error) => Promise.reject(new Error(`${error.message}:\n${this.text}`)),
    );
  }

  /** Its exit code, once it ends by itself. */
  exit(): Promise<number> {
    return Promise.race([
      this.#exit,
      sleep(BOUND_MS, undefined, { ref: false }).then(() => Promise.reject(new Error(`does not end:\n${this.text}`))),
    ]);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.#exit;
  }
}

/** kubectl that goes on until it is disposed of or ends. */
export function running(durapod: Durapod, ...args: string[]): Running {
  return new Running(durapod, 'kubectl', args);
}

/** A shell command on a terminal of 132 by 40. */
export function onTerminal(durapod: Durapod, command: string): Running {
  return new Running(durapod, 'script', ['-qec', `stty rows 40 cols 132; ${command}`, '/dev/null']);
}

/** A table of kubectl as rows of cells; an age is `AGE`. */
export function table(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) =>
    line
      .trim()
      .split(/\s{2,}/)
      .map((cell) => cell.replace(/^(\d+[smhd])+$/, 'AGE')),
  );
}

/** What kubectl says it deleted; since 1.34 it names the namespace too. */
export function deletions(text: string): string {
  return text.replaceAll(' from default namespace', '');
}
