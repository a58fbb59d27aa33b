import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../pod/message-of.ts';
import { lastLines, MAX_LOG_BYTES, rotateAtStart, rotateWhenLarge } from './log-file.ts';
import { isRunning, PRINT_IDENTITY, type ProcessId, parseIdentity, terminate } from './process.ts';
import { UserError } from './user-error.ts';

const POLL_MS = 200;
const LOG_CHECK_MS = 5000;
const BACKOFF_MS = { first: 200, most: 10_000, resetAfter: 30_000 };
const READY_POLL_MS = 50;
const STOP_GRACE_MS = 5000;
const EXIT_TOLD_MS = 1000;
const NOT_FOUND = 127;

/** The program records itself before it becomes the program: no kill of durapod can leave one that is not recorded. */
const LAUNCH = `{ ${PRINT_IDENTITY}; echo "$1"; } >"$0" && shift && exec "$@"`;

/** A program to keep running. */
export interface DaemonOptions {
  /** For messages. */
  name: string;
  command: string;
  args: string[];
  /** Added to the environment. */
  env?: Record<string, string>;
  processFile: string;
  /** Its stdout and stderr; rotated at each start and when large. */
  logFile: string;
  maxLogBytes?: number;
  /** Resolves when it answers, rejects while it does not. Must come back within seconds; called again and again. */
  ready: (signal: AbortSignal) => Promise<void>;
  readyTimeoutMs: number;
  /** One line for the log: it died, it is back, it failed to come back. */
  log: (line: string) => void;
  /** After it died and is ready again. */
  onRestart?: () => void;
}

/**
 * An external program, supervised: started in a session of its own so that it survives durapod, taken over again when
 * durapod comes back (same command, by pid and start time), restarted with back-off when it dies.
 */
export class Daemon {
  readonly #options: DaemonOptions;
  #process: ProcessId | undefined;
  #supervision: { abort: AbortController; done: Promise<void> } | undefined;
  /** How the process of the last start ended; none for one that was taken over, of which nobody says it. */
  #exit: Promise<string> | undefined;

  constructor(options: DaemonOptions) {
    this.#options = options;
  }

  /** The running process, if any. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** True when a process of an earlier start runs, whatever its arguments. */
  static isHeld(processFile: string): boolean {
    const recorded = readProcessFile(processFile);
    return recorded !== undefined && isRunning(recorded.process);
  }

  /** Ends what a process file names, if it still runs. */
  static async stopRecorded(processFile: string, graceMs: number): Promise<void> {
    const recorded = readProcessFile(processFile);
    if (recorded) await terminate(recorded.process, graceMs);
    rmSync(processFile, { force: true });
  }

  /**
   * Takes over a running instance or starts one, waits until it is ready and supervises it from then on. Rejects with
   * a UserError that carries the last lines of its log when it does not become ready; nothing is left running then.
   */
  async start(signal?: AbortSignal): Promise<{ adopted: boolean }> {
    const adopted = await this.#adopt(signal);
    if (!adopted) await this.#launch(signal);
    const abort = new AbortController();
    this.#supervision = { abort, done: this.#supervise(abort.signal) };
    return { adopted };
  }

  /** Stops supervising and leaves the program running. */
  async release(): Promise<void> {
    this.#supervision?.abort.abort();
    await this.#supervision?.done;
    this.#supervision = undefined;
  }

  /** Stops supervising and ends the program: SIGTERM, `graceMs` later SIGKILL. */
  async stop(graceMs: number): Promise<void> {
    await this.release();
    await this.#end(graceMs);
  }

  async #end(graceMs: number): Promise<void> {
    if (this.#process) await terminate(this.#process, graceMs);
    this.#process = undefined;
    rmSync(this.#options.processFile, { force: true });
  }

  async #adopt(signal: AbortSignal | undefined): Promise<boolean> {
    const recorded = readProcessFile(this.#options.processFile);
    if (!recorded || !isRunning(recorded.process)) return false;
    if (recorded.process.pid !== this.pid) this.#exit = undefined;
    this.#process = recorded.process;
    if (recorded.fingerprint === this.#fingerprint()) {
      const failure = await this.#untilReady(signal);
      if (!failure) return true;
      signal?.throwIfAborted();
      this.#options.log(`${this.#options.name} (process ${this.pid}) runs but ${failure}: starting it anew`);
    }
    await this.#end(STOP_GRACE_MS);
    return false;
  }

  /** Starts the program and waits until it is ready. */
  async #launch(signal: AbortSignal | undefined): Promise<void> {
    const { name, command, logFile } = this.#options;
    await this.#spawn();
    const failure = await this.#untilReady(signal);
    if (!failure) return;
    await this.#end(STOP_GRACE_MS);
    signal?.throwIfAborted();
    const lines = lastLines(logFile, 5).map((line) => `\n  ${line.slice(0, 300)}`);
    throw new UserError(`${name} ${failure} (${command}; its log is ${logFile})${lines.join('')}`);
  }

  async #spawn(): Promise<void> {
    const { command, args, env, processFile, logFile } = this.#options;
    rotateAtStart(logFile);
    rmSync(processFile, { force: true });
    const log = openSync(logFile, 'a', 0o600);
    try {
      const child = spawn('/bin/sh', ['-c', LAUNCH, processFile, this.#fingerprint(), command, ...args], {
        detached: true,
        stdio: ['ignore', log, log],
        env: { ...process.env, ...env },
        cwd: '/',
      });
      this.#exit = new Promise((resolve) => {
        child.once('exit', (code, signal) => {
          resolve(code === NOT_FOUND ? 'cannot be started' : `ended with ${signal ?? `code ${code}`}`);
        });
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
      // It must not keep durapod alive.
      child.unref();
    } finally {
      closeSync(log);
    }
  }

  /** Resolves with what went wrong, or with nothing when it is ready. */
  async #untilReady(signal: AbortSignal | undefined): Promise<string | undefined> {
    const { ready, readyTimeoutMs } = this.#options;
    const timeout = AbortSignal.timeout(readyTimeoutMs);
    const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
    let last = 'it has not been asked';
    while (!either.aborted) {
      const recorded = readProcessFile(this.#options.processFile)?.process;
      if (recorded) this.#process = recorded;
      const ended = await Promise.race([this.#exit, undefined]);
      if (ended || (recorded && !isRunning(recorded))) return ended ?? this.#howItEnded();
      try {
        if (recorded) {
          await abortable(ready(either), either);
          // What answered may have been something else on its port, while the program itself has died.
          if (isRunning(recorded)) return undefined;
          continue;
        }
      } catch (error) {
        if (!either.aborted) last = messageOf(error);
      }
      await sleep(READY_POLL_MS);
    }
    return `is not ready after ${Math.round(readyTimeoutMs / 1000)} s: ${last}`;
  }

  /** Of a process that does not run any more: its exit may be told a moment after it. */
  async #howItEnded(): Promise<string> {
    return Promise.race([this.#exit ?? 'died', sleep(EXIT_TOLD_MS, 'died', { ref: false })]);
  }

  async #supervise(signal: AbortSignal): Promise<void> {
    const { logFile, maxLogBytes = MAX_LOG_BYTES } = this.#options;
    let backoff = BACKOFF_MS.first;
    let since = Date.now();
    let nextLogCheck = 0;
    while (await pause(POLL_MS, signal)) {
      if (Date.now() >= nextLogCheck) {
        rotateWhenLarge(logFile, maxLogBytes);
        nextLogCheck = Date.now() + LOG_CHECK_MS;
      }
      if (this.#process && isRunning(this.#process)) continue;
      if (Date.now() - since > BACKOFF_MS.resetAfter) backoff = BACKOFF_MS.first;
      this.#options.log(`${this.#options.name} ${await this.#howItEnded()}: restarting it in ${backoff} ms`);
      if (!(await pause(backoff, signal))) return;
      backoff = Math.min(backoff * 2, BACKOFF_MS.most);
      await this.#restart(signal);
      since = Date.now();
    }
  }

  async #restart(signal: AbortSignal): Promise<void> {
    this.#process = undefined;
    try {
      await this.#launch(signal);
      this.#options.log(`${this.#options.name} is back (process ${this.pid})`);
      this.#options.onRestart?.();
    } catch (error) {
      if (!signal.aborted) this.#options.log(messageOf(error));
    }
  }

  /** Tells apart a program started with other arguments. */
  #fingerprint(): string {
    const { command, args, env } = this.#options;
    return createHash('sha256')
      .update(JSON.stringify([command, args, env]))
      .digest('hex');
  }
}

function readProcessFile(path: string): { process: ProcessId; fingerprint: string } | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const [identity = '', fingerprint = ''] = text.split('\n');
  const process = parseIdentity(identity);
  return process && fingerprint ? { process, fingerprint } : undefined;
}

/** Waits; resolves to false, at once, when aborted. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return sleep(milliseconds, true, { signal }).catch(() => false);
}

/** The promise, or a rejection when the signal aborts first: a probe that hangs does not hold the caller. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error('no answer'));
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
