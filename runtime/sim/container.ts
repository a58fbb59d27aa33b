/** One simulated container: its process, its state, its log. */
import type { ContainerSpec, RuntimeContainer, RuntimeContainerStatus, RuntimeEvent } from '../port.ts';
import { RuntimeError } from '../port.ts';
import type { Clock } from './clock.ts';
import { FileSystem } from './file-system.ts';
import { LogFile } from './log-file.ts';
import { Process } from './process.ts';
import { runCommand, startProblem } from './programs.ts';

/**
 * What the container does instead of its command: a script, or a JSON array of scripts of which each attempt takes the
 * next and the last one stays.
 */
export const SCRIPT_ANNOTATION = 'sim.durapod.io/script';

const START_ERROR = 128;
const SIMULATION_FAILED = 255;
/** Linux's process numbers end here; the simulated ones are beyond, so that none is taken for a real one. */
const FIRST_PID = 4_194_305;
let lastPid = FIRST_PID;

export interface Surroundings {
  clock: Clock;
  logDirectory: string;
  imageRef: string;
  emit(event: RuntimeEvent): void;
}

export class SimContainer {
  readonly id: string;
  readonly sandboxId: string;
  readonly spec: ContainerSpec;
  readonly files: FileSystem;
  readonly #around: Surroundings;
  readonly #createdAt: string;
  readonly #logPath: string;
  #process: Process | undefined;
  #log: LogFile | undefined;
  #ended: Promise<void> | undefined;
  #status: Pick<
    RuntimeContainerStatus,
    'state' | 'startedAt' | 'finishedAt' | 'exitCode' | 'reason' | 'message' | 'pid'
  > = { state: 'created' };

  constructor(id: string, sandboxId: string, spec: ContainerSpec, around: Surroundings) {
    this.id = id;
    this.sandboxId = sandboxId;
    this.spec = spec;
    this.files = new FileSystem(spec.mounts);
    this.#around = around;
    this.#createdAt = this.#now();
    this.#logPath = `${around.logDirectory}/${spec.logPath}`;
  }

  get running(): boolean {
    return this.#status.state === 'running';
  }

  /** Throws RuntimeError as runc does when the command cannot be run; the container has then exited with StartError. */
  start(): void {
    if (this.#status.state !== 'created')
      throw new RuntimeError('Failed', `container ${this.id} is in state ${this.#status.state}, not created`);
    const command = this.#command();
    const problem = command.length > 0 ? startProblem(command) : undefined;
    if (problem !== undefined) {
      const message = `failed to create containerd task: unable to start container process: ${problem}: unknown`;
      const finishedAt = this.#now();
      this.#status = { state: 'exited', finishedAt, exitCode: START_ERROR, reason: 'StartError', message };
      throw new RuntimeError('Failed', message);
    }
    const log = new LogFile(this.#logPath, this.#around.clock);
    this.#log = log;
    const process = this.process((stream, text) => log.write(stream, text));
    this.#process = process;
    this.#status = { state: 'running', startedAt: this.#now(), pid: ++lastPid };
    this.#around.emit({ type: 'started', id: this.id, at: this.#now() });
    this.#ended = this.#run(process, command, log);
  }

  /** SIGTERM, after the grace SIGKILL; resolves when it has ended. */
  async stop(graceSeconds: number): Promise<void> {
    if (!this.running) return;
    const graceOver = new AbortController();
    if (graceSeconds > 0) {
      this.#process?.terminate();
      const grace = this.#around.clock.sleep(graceSeconds * 1000, graceOver.signal).catch(() => {});
      await Promise.race([this.#ended, grace]);
      graceOver.abort();
    }
    this.kill();
    await this.#ended;
  }

  /** SIGKILL; `reason` is what the status says of it when it is not the exit code's own. */
  kill(reason?: 'OOMKilled'): void {
    if (!this.running) return;
    if (reason) this.#status.reason = reason;
    this.#process?.kill();
  }

  /** Throws RuntimeError unless it runs. */
  reopenLog(): void {
    if (!this.running) throw new RuntimeError('Failed', `container ${this.spec.name} is not running`);
    this.#log?.reopen();
  }

  /** A process in the container: its own, or one of exec. */
  process(output: (stream: 1 | 2, text: string) => void): Process {
    const env = Object.fromEntries(this.spec.env.map(({ name, value }) => [name, value]));
    return new Process({ env, files: this.files, clock: this.#around.clock, output });
  }

  summary(): RuntimeContainer {
    const { pod, name, attempt, image, labels, annotations } = this.spec;
    const { id, sandboxId } = this;
    const { state } = this.#status;
    const { imageRef } = this.#around;
    return {
      id,
      sandboxId,
      pod,
      name,
      attempt,
      state,
      image,
      imageRef,
      labels,
      annotations,
      createdAt: this.#createdAt,
    };
  }

  status(): RuntimeContainerStatus {
    return { ...this.summary(), ...this.#status, logPath: this.#logPath };
  }

  async #run(process: Process, command: string[], log: LogFile): Promise<void> {
    // An image's own command is not known here: it serves until it is told to stop, and then ends well.
    const main = command.length > 0 ? () => runCommand(command, process) : () => process.serve();
    let message: string | undefined;
    const exitCode = await process.run(main).catch((error) => {
      message = `the simulation failed: ${error}`;
      return SIMULATION_FAILED;
    });
    log.end();
    const { startedAt, reason } = this.#status;
    const finishedAt = this.#now();
    this.#status = {
      state: 'exited',
      startedAt,
      finishedAt,
      exitCode,
      reason: reason ?? (exitCode === 0 ? 'Completed' : 'Error'),
    };
    if (message !== undefined) this.#status.message = message;
    if (reason === 'OOMKilled') this.#around.emit({ type: 'oom', id: this.id, at: finishedAt });
    this.#around.emit({ type: 'exited', id: this.id, at: finishedAt, exitCode });
  }

  #command(): string[] {
    const script = this.spec.annotations[SCRIPT_ANNOTATION];
    if (script === undefined) return [...this.spec.command, ...this.spec.args];
    if (!script.startsWith('[')) return ['sh', '-c', script];
    const scripts: string[] = JSON.parse(script);
    return ['sh', '-c', scripts[Math.min(this.spec.attempt, scripts.length - 1)] ?? ''];
  }

  #now(): string {
    return new Date(this.#around.clock.now()).toISOString();
  }
}
