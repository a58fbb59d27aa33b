/** The floor: the calls a Pod cannot do without, straight to the runtime, one after the other, with exit events. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PodRef } from '../pod/types.ts';
import { openCriRuntime } from '../runtime/cri/runtime.ts';
import { containerSpec, sandboxSpec } from '../runtime/fixtures.ts';
import type { Runtime, SandboxSpec } from '../runtime/port.ts';
import { IMAGE, INITS, MAIN } from './shape.ts';

const EXIT_MS = 60_000;

export interface FloorPod {
  ref: PodRef;
  sandboxId: string;
  /** From the first call to the main container's start. */
  ms: number;
}

export class Floor {
  readonly runtime: Runtime;
  readonly #directory: string;
  readonly #exits = new Map<string, () => void>();
  readonly #stopping = new AbortController();

  /** On the runtime at `socket`; the logs of its containers go below `directory`. Resolves when exits are seen. */
  static async open(socket: string, directory: string): Promise<Floor> {
    const floor = new Floor(await openCriRuntime({ socket }), directory);
    const events = floor.runtime.events(floor.#stopping.signal)[Symbol.asyncIterator]();
    await events.next();
    void floor.#follow(events);
    return floor;
  }

  private constructor(runtime: Runtime, directory: string) {
    this.runtime = runtime;
    this.#directory = directory;
  }

  async startPod(): Promise<FloorPod> {
    const namespaces = { network: 'pod', pid: 'container', ipc: 'pod' } as const;
    const spec = sandboxSpec(this.#directory, { namespaces, hostname: 'floor', seccomp: { type: 'RuntimeDefault' } });
    const from = performance.now();
    const sandbox = await this.runtime.runSandbox(spec);
    for (const init of INITS) await this.#start(sandbox.id, spec, init, true);
    await this.#start(sandbox.id, spec, MAIN, false);
    return { ref: spec.pod, sandboxId: sandbox.id, ms: performance.now() - from };
  }

  /** Stopping the sandbox kills what runs in it, removing it removes the containers too. */
  async endPod({ sandboxId }: FloorPod): Promise<void> {
    await this.runtime.stopSandbox(sandboxId);
    await this.runtime.removeSandbox(sandboxId);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.runtime.close();
  }

  async #start(sandboxId: string, sandbox: SandboxSpec, container: typeof MAIN, toItsEnd: boolean): Promise<void> {
    const spec = containerSpec(sandbox, IMAGE, container.command, { name: container.name });
    await mkdir(join(sandbox.logDirectory, container.name), { recursive: true });
    const id = await this.runtime.createContainer(sandboxId, spec, sandbox);
    const ended = toItsEnd ? this.#exit(id) : undefined;
    await this.runtime.startContainer(id);
    await ended;
  }

  #exit(id: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`container ${id} did not end in ${EXIT_MS} ms`)), EXIT_MS);
      this.#exits.set(id, () => {
        clearTimeout(timer);
        this.#exits.delete(id);
        resolve();
      });
    });
  }

  async #follow(events: AsyncIterator<{ type: string; id?: string }>): Promise<void> {
    try {
      for (let next = await events.next(); !next.done; next = await events.next()) {
        if (next.value.type === 'exited') this.#exits.get(next.value.id ?? '')?.();
      }
    } catch {
      // A stream that breaks shows as an exit that does not come.
    }
  }
}
