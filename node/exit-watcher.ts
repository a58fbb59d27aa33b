/**
 * Watches the runtime for what ends: records it at once, says it to the Pod's workflow (or to an activity that waits for
 * it), and after every gap lists what there is and says what was missed. Events are hints, the list is the authority for
 * what nobody saw.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../pod/log.ts';
import type { ContainerExited, SandboxLost } from '../pod/messages.ts';
import type { Exit } from '../pod/record.ts';
import type { PodRef } from '../pod/types.ts';
import { type Runtime, type RuntimeContainer, type RuntimeContainerStatus, RuntimeError } from '../runtime/port.ts';
import type { NodeDirs } from './dirs.ts';
import { ExitClaims } from './exit-claims.ts';
import { describeExit, neverRan, readsLog } from './exit-describer.ts';
import type { ExitJournal } from './exit-journal.ts';

/** Where reports go. They resolve once the workflow has it, or once there is no such workflow any more. */
export interface ExitReports {
  containerExited(pod: PodRef, report: ContainerExited): Promise<void>;
  sandboxLost(pod: PodRef, report: SandboxLost): Promise<void>;
  /** A running container was found that this process has not started. */
  containerFound(container: RuntimeContainer): void;
}

export interface ExitWatcherOptions {
  runtime: Runtime;
  journal: ExitJournal;
  dirs: NodeDirs;
  reports: ExitReports;
  /** `containerd://`: how ids are written in a status. */
  idScheme: string;
  log: Pick<Log, 'warn'>;
}

const RELIST_EVERY_MS = 60_000;
const RECONNECT_MS = 100;
/** How long the runtime may take to say why a container ended, after its event. */
const DESCRIBE_MS = 5_000;
/** 128 and the signal's number. */
const SIGKILLED = 137;

export class ExitWatcher {
  readonly #o: ExitWatcherOptions;
  /** Sandboxes whose loss is being reported. */
  readonly #lost = new Set<string>();
  readonly #claims = new ExitClaims();
  /** Containers that had a process killed for want of memory. */
  readonly #oom = new Set<string>();
  #ready = Promise.withResolvers<void>();

  constructor(options: ExitWatcherOptions) {
    this.#o = options;
  }

  /** Resolves once the first list is through: from then on nothing is missed. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Watches until `signal` aborts, across restarts of the runtime. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#watchOnce(signal);
      } catch (error) {
        if (!signal.aborted) this.#o.log.warn({ error: String(error) }, 'the runtime is away, watching again');
      }
      await sleep(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #watchOnce(signal: AbortSignal): Promise<void> {
    const broken = new AbortController();
    const both = AbortSignal.any([signal, broken.signal]);
    try {
      for await (const event of this.#o.runtime.events(both)) {
        if (event.type === 'oom') this.#oom.add(event.id);
        if (event.type === 'deleted') this.#oom.delete(event.id);
        if (event.type === 'exited') this.#seen(event.id, event.exitCode, event.at);
        if (event.type === 'subscribed') void this.#relisting(both, broken);
      }
    } finally {
      broken.abort();
    }
  }

  /** Lists at once and then now and then; a list that fails ends this subscription, and a new one begins. */
  async #relisting(signal: AbortSignal, broken: AbortController): Promise<void> {
    try {
      while (!signal.aborted) {
        await this.relist();
        this.#ready.resolve();
        await sleep(RELIST_EVERY_MS, undefined, { signal }).catch(() => undefined);
      }
    } catch (error) {
      this.#o.log.warn({ error: String(error) }, 'listing containers failed, trying again');
      broken.abort();
    }
  }

  /** Reports every end and every lost sandbox that no workflow knows of yet. */
  async relist(): Promise<void> {
    const { runtime, journal, reports } = this.#o;
    const [sandboxes, containers] = await Promise.all([runtime.listSandboxes({}), runtime.listContainers({})]);
    journal.keepOnly(new Set([...sandboxes, ...containers].map((c) => c.id)));
    for (const sandbox of sandboxes) {
      if (!sandbox.ready) this.#sandboxGone(sandbox.id, sandbox.pod);
    }
    for (const container of containers) {
      if (container.state === 'running') reports.containerFound(container);
      if (container.state !== 'exited' && container.state !== 'unknown') continue;
      if (journal.get(container.id)?.delivered) continue;
      const status = await runtime.containerStatus(container.id).catch(ignoreNotFound);
      // What never ran is for the activity that started it to judge.
      if (status && !this.neverRan(status)) await this.#tell(status);
    }
  }

  #seen(id: string, exitCode: number, at: string): void {
    this.#o.journal.see(id, exitCode, at);
    void this.#follow(id).catch((error) => {
      // The next list finds it again.
      this.#o.log.warn({ id, error: String(error) }, 'an exit could not be reported yet');
    });
  }

  /**
   * Finds out what ended and reports it. The runtime's own status follows an exit by some 45 ms (containerd 1.6), so it
   * is waited for only where the container's log is part of the story, where it was killed, as for want of memory, which
   * may be told a moment after the exit, and where the start is not in the status yet: either it was that quick, or a
   * restarted runtime has killed what it had been about to start, which is no end.
   */
  async #follow(id: string): Promise<void> {
    const { runtime, journal } = this.#o;
    const until = Date.now() + DESCRIBE_MS;
    for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
      const status = await runtime.containerStatus(id).catch(ignoreNotFound);
      if (!status) {
        const sandbox = await runtime.sandboxStatus(id).catch(ignoreNotFound);
        if (sandbox) this.#sandboxGone(id, sandbox.pod);
        return;
      }
      const began = status.state !== 'created';
      const late = Date.now() > until;
      if (this.neverRan(status) || (late && !began)) return journal.forget(id);
      const isWhole = status.state === 'exited' || !(readsLog(status) || journal.get(id)?.exitCode === SIGKILLED);
      if (began && (late || isWhole)) return this.#tell(status);
      await sleep(pause);
    }
  }

  /** A start that came to nothing (see `neverRan`), by what was seen as well. */
  neverRan(status: RuntimeContainerStatus): boolean {
    return neverRan(status, this.#o.journal.get(status.id)?.exitCode);
  }

  async #tell(status: RuntimeContainerStatus): Promise<void> {
    const { journal } = this.#o;
    const { id } = status;
    const exit = await this.endOf(status);
    if (journal.get(id)?.delivered) return;
    if (this.#claims.tell(id, exit)) journal.delivered(id);
    else await this.#report(status, exit);
  }

  /** How a container that has ended did so: what was seen of it first stands. From then on it is known. */
  async endOf(status: RuntimeContainerStatus): Promise<Exit> {
    const { journal, dirs } = this.#o;
    const { id } = status;
    const entry = journal.get(id);
    if (entry?.exit) return entry.exit;
    const reason = this.#oom.has(id) && entry?.exitCode === SIGKILLED ? 'OOMKilled' : status.reason;
    const exit = await describeExit({ ...status, reason }, dirs, entry);
    journal.see(id, exit.exitCode, exit.finishedAt);
    journal.complete(id, exit);
    return journal.get(id)?.exit ?? exit;
  }

  async #report(container: RuntimeContainer, exit: Exit): Promise<void> {
    const { pod, name, attempt, id } = container;
    await this.#o.reports.containerExited(pod, {
      container: name,
      attempt,
      id: `${this.#o.idScheme}${id}`,
      exit,
    });
    this.#o.journal.delivered(id);
  }

  #sandboxGone(id: string, pod: PodRef): void {
    if (this.#lost.has(id) || this.#o.journal.get(id)?.delivered) return;
    this.#lost.add(id);
    this.#o.journal.see(id, 0, new Date().toISOString());
    void this.#o.reports
      .sandboxLost(pod, { sandboxId: id, message: 'the sandbox ended' })
      .then(() => this.#o.journal.delivered(id))
      .catch((error) => {
        // The next list finds it again.
        this.#o.log.warn({ id, error: String(error) }, 'a lost sandbox could not be reported yet');
      })
      .finally(() => this.#lost.delete(id));
  }

  /** This sandbox is about to be taken down on purpose: its end is no news. */
  expectSandboxEnd(id: string): void {
    this.#o.journal.see(id, 0, new Date().toISOString());
    this.#o.journal.delivered(id);
  }

  /** How a container ended, if that is known by now. */
  known(id: string): Exit | undefined {
    return this.#o.journal.get(id)?.exit;
  }

  /**
   * The end of a container, for an activity that tells the workflow itself; undefined when it does not come within `ms`
   * or before `signal` aborts: from then on it goes to the workflow as a signal again.
   */
  async claim(id: string, ms: number, signal?: AbortSignal): Promise<Exit | undefined> {
    const known = this.known(id);
    // The activity that has it tells the workflow; should it be repeated, it finds it here again.
    if (known) this.#o.journal.delivered(id);
    if (known || ms <= 0) return known;
    return this.#claims.wait(id, ms, signal);
  }
}

function ignoreNotFound(error: unknown): undefined {
  if (error instanceof RuntimeError && error.code === 'NotFound') return undefined;
  throw error;
}
