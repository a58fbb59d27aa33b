/**
 * The simulated machine: what runs, which images there are, and what a test wants to go wrong. It lives as long as this
 * object: processes do not survive the end of the durapod process, but they do survive their clients, so a test drops
 * one and opens another on the same world.
 */
import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { normaliseImage } from '../../pod/image-reference.ts';
import {
  type ImageFileSystem,
  type Runtime,
  RuntimeError,
  type RuntimeEvent,
  type Sandbox,
  type SandboxSpec,
} from '../port.ts';
import { type Clock, realClock } from './clock.ts';
import type { SimContainer } from './container.ts';

export interface WorldOptions {
  /** The machine's time when absent. */
  clock?: Clock;
  images?: {
    /** Images that are there from the start. */
    present?: string[];
    /** Images that a pull finds; all when absent. */
    pullable?: string[] | 'all';
  };
}

export interface SimSandbox {
  spec: SandboxSpec;
  sandbox: Sandbox;
}

type Method = Exclude<keyof Runtime, 'events' | 'close'>;
interface Fault {
  method: Method;
  error: Error;
  times: number;
  when: 'before' | 'after';
}

export class SimWorld {
  readonly clock: Clock;
  readonly sandboxes = new Map<string, SimSandbox>();
  readonly containers = new Map<string, SimContainer>();
  /** Full names of the images that are there. */
  readonly images: Set<string>;
  /** May be changed while it runs: an image comes to the registry, or goes. */
  pullable: string[] | 'all';
  /** The disk that images are on, as it says it is. */
  imageFileSystem: ImageFileSystem = { capacityBytes: 100 * 2 ** 30, availableBytes: 90 * 2 ** 30 };
  /** Milliseconds that every call takes. */
  latency = 0;
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  #faults: Fault[] = [];
  #down = false;
  #ids = 0;

  constructor({ clock = realClock, images = {} }: WorldOptions = {}) {
    this.clock = clock;
    this.images = new Set((images.present ?? []).map(normaliseImage));
    this.pullable = images.pullable ?? 'all';
  }

  /** The next `times` calls of `method` fail; with `after`, having done their work: the answer is what is lost. */
  fail(method: Method, error: Error, times = 1, when: Fault['when'] = 'before'): void {
    this.#faults.push({ method, error, times, when });
  }

  /** The runtime goes away (calls and events fail with Unavailable, containers live on) or comes back. */
  set down(down: boolean) {
    this.#down = down;
    if (down) this.#emitter.emit('down');
  }

  get down(): boolean {
    return this.#down;
  }

  /** The sandboxes of a Pod end with all that runs in them, as in a reboot. */
  killSandbox(podUid: string): void {
    for (const { sandbox } of this.sandboxes.values()) if (sandbox.pod.uid === podUid) this.endSandbox(sandbox.id);
  }

  /** Ends a container as the kernel does when it takes more memory than it may. */
  oomKill(containerId: string): void {
    this.containers.get(containerId)?.kill('OOMKilled');
  }

  /** Kills what runs in a sandbox, and the sandbox. */
  endSandbox(id: string): void {
    const entry = this.sandboxes.get(id);
    if (!entry?.sandbox.ready) return;
    entry.sandbox = { ...entry.sandbox, ready: false };
    for (const container of this.containers.values()) if (container.sandboxId === id) container.kill();
    this.emit({ type: 'exited', id, at: this.now(), exitCode: 137 });
  }

  emit(event: RuntimeEvent): void {
    this.#emitter.emit('event', event);
  }

  /** Events from the moment of the call, to the signal's abort or the runtime's end (throws Unavailable). */
  async *events(signal: AbortSignal): AsyncGenerator<RuntimeEvent | { type: 'subscribed' }> {
    this.#requireUp();
    const queue: RuntimeEvent[] = [];
    let wake = () => {};
    let ended = signal.aborted;
    const onEvent = (event: RuntimeEvent) => {
      queue.push(event);
      wake();
    };
    const onEnd = () => {
      ended = true;
      wake();
    };
    this.#emitter.on('event', onEvent).on('down', onEnd);
    signal.addEventListener('abort', onEnd);
    try {
      yield { type: 'subscribed' };
      for (;;) {
        for (let event = queue.shift(); event; event = queue.shift()) yield event;
        if (signal.aborted) return;
        if (ended) throw new RuntimeError('Unavailable', 'the simulated runtime went away');
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      this.#emitter.off('event', onEvent).off('down', onEnd);
      signal.removeEventListener('abort', onEnd);
    }
  }

  /** Does `work` as a client's call: after the latency, unless a fault or the world's state is in the way. */
  async call<T>(method: Method, work: () => Promise<T>): Promise<T> {
    if (this.latency > 0) await this.clock.sleep(this.latency, new AbortController().signal);
    this.#requireUp();
    const fault = this.#takeFault(method);
    if (fault?.when === 'before') throw fault.error;
    const result = await work();
    if (fault) throw fault.error;
    return result;
  }

  /** An id as runtimes have them, the same in every run of the same steps. */
  newId(kind: string): string {
    return createHash('sha256')
      .update(`${kind} ${++this.#ids}`)
      .digest('hex');
  }

  /** An address for the next sandbox that wants one. */
  newIp(): string {
    const number = ++this.#ids;
    return `10.${88 + ((number >> 16) & 7)}.${(number >> 8) & 255}.${number & 255}`;
  }

  now(): string {
    return new Date(this.clock.now()).toISOString();
  }

  #requireUp(): void {
    if (this.#down) throw new RuntimeError('Unavailable', 'the simulated runtime is down');
  }

  #takeFault(method: Method): Fault | undefined {
    const fault = this.#faults.find((fault) => fault.method === method);
    if (fault && --fault.times <= 0) this.#faults = this.#faults.filter((other) => other !== fault);
    return fault;
  }
}
