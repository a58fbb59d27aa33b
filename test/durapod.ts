/** A whole durapod for a test, as a user starts it: its own home, free ports, real parts; and the ways to kill them. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../cli/ports.ts';

const MAIN = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const START_MS = 90_000;

export interface Output {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; its exit code is a result. Bounded to two minutes. */
export function run(
  command: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<Output> {
  return new Promise((resolve, reject) => {
    const settings = { env: options.env ?? process.env, timeout: 120_000, maxBuffer: 16 * 1024 * 1024 };
    const child = execFile(command, args, settings, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      if (typeof code === 'number') resolve({ code, stdout, stderr });
      else reject(error);
    });
    // A program may end without reading it.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}

/** A Pod that is ended within a second, unless told otherwise. */
export const podOf = (name: string, spec: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { terminationGracePeriodSeconds: 1, ...spec },
});

/** Waits for the end of its input, then runs its arguments. */
export const GUARD = 'cat >/dev/null; "$@" && rm -rf "$0"';

/**
 * Removes a durapod when this process ends without having done so, however it ends: its end of the pipe closes then. It
 * has a session of its own, because an interrupt from a terminal goes to all of one.
 */
function guard(home: string): ChildProcess {
  const child = spawn('sh', ['-c', GUARD, home, process.execPath, MAIN, 'down', '--home', home], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  (child.stdin as Socket).unref();
  return child;
}

type Program = 'durapod' | 'temporal' | 'containerd';

/** However full the disk of the machine is, images and Pods stay. */
const KEEP_ALL = ['--image-gc-high-threshold', '100', '--eviction-hard', ''];

export class Durapod {
  readonly home: string;
  readonly port: number;
  readonly #args: string[];
  readonly #guard: ChildProcess;
  #process: ChildProcess | undefined;
  #output = '';

  private constructor(home: string, port: number, args: string[]) {
    this.home = home;
    this.port = port;
    this.#args = args;
    this.#guard = guard(home);
  }

  /** Starts one in a new home. `args` are further options of `durapod up`. */
  static async start(args: string[] = []): Promise<Durapod> {
    const durapod = new Durapod(mkdtempSync(join(tmpdir(), 'durapod-')), await freePort('127.0.0.1'), args);
    try {
      await durapod.up();
    } catch (error) {
      await durapod.down();
      throw error;
    }
    return durapod;
  }

  get kubeconfig(): string {
    return join(this.home, 'kubeconfig');
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** What it printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Starts the process and waits until the API says that it is ready. */
  async up(): Promise<void> {
    const args = [MAIN, 'up', '--home', this.home, '--port', String(this.port), ...KEEP_ALL, ...this.#args];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (this.#output += chunk));
    const until = Date.now() + START_MS;
    while (!this.#output.includes('durapod is up') || !(await this.#ready())) {
      if (child.exitCode !== null || Date.now() > until) throw new Error(`durapod did not start:\n${this.#output}`);
      await sleep(50);
    }
  }

  async #ready(): Promise<boolean> {
    const { code } = await this.kubectl('get', '--raw', '/readyz').catch(() => ({ code: 1 }));
    return code === 0;
  }

  kubectl(...args: string[]): Promise<Output> {
    return run('kubectl', ['--kubeconfig', this.kubeconfig, ...args], { env: this.env });
  }

  /** kubectl with something on its standard input. */
  kubectlWith(input: string, ...args: string[]): Promise<Output> {
    return run('kubectl', ['--kubeconfig', this.kubeconfig, ...args], { env: this.env, input });
  }

  get env(): NodeJS.ProcessEnv {
    // kubectl keeps a discovery cache by host and port, which a test must not share.
    return { ...process.env, KUBECONFIG: this.kubeconfig, KUBECACHEDIR: join(this.home, 'kubecache') };
  }

  /** Runs kubectl and gives its standard output; throws when it fails. */
  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.kubectl(...args);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: exit ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Creates objects with kubectl; throws when it refuses or warns of any. */
  async create(...items: object[]): Promise<void> {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    const { code, stderr } = await this.kubectlWith(list, 'create', '-f', '-');
    if (code !== 0 || stderr !== '') throw new Error(`kubectl create: exit ${code}\n${stderr}`);
  }

  /** The bearer token of the kubeconfig, for requests without kubectl. */
  get token(): string {
    const token = /token: (\S+)/.exec(readFileSync(this.kubeconfig, 'utf8'))?.[1];
    if (!token) throw new Error('the kubeconfig has no token');
    return token;
  }

  /** The processes: durapod itself, and the programs it supervises. */
  pids(): Record<Program, number> {
    return { durapod: this.pid('durapod'), temporal: this.pid('temporal'), containerd: this.pid('containerd') };
  }

  /** Throws where it does not run. */
  pid(name: Program): number {
    const file = join(this.home, 'run', `${name}.process`);
    const pid = name === 'durapod' ? this.#process?.pid : Number.parseInt(readFileSync(file, 'utf8'), 10);
    if (!pid) throw new Error(`${name} does not run`);
    return pid;
  }

  /** kill -9 of any of them, at once. */
  kill(...which: Program[]): void {
    for (const pid of which.map((name) => this.pid(name))) process.kill(pid, 'SIGKILL');
  }

  /** Waits until durapod's own process has ended. */
  async ended(): Promise<void> {
    while (this.#process?.exitCode === null && this.#process.signalCode === null) await sleep(20);
    this.#output = '';
  }

  /** Ctrl-C: durapod stops, Pods go on. */
  async interrupt(): Promise<void> {
    this.#process?.kill('SIGINT');
    await this.ended();
  }

  /** Removes everything it made, the home included. */
  async down(): Promise<void> {
    if (this.#process?.exitCode === null) {
      this.#process.kill('SIGTERM');
      await this.ended();
    }
    const { code, stdout, stderr } = await run(process.execPath, [MAIN, 'down', '--home', this.home]);
    process.kill(-(this.#guard.pid as number), 'SIGKILL');
    rmSync(this.home, { recursive: true, force: true });
    if (code !== 0) throw new Error(`durapod down failed:\n${stdout}${stderr}`);
  }
}
