/**
 * Wakes Pods that wait: for room, when a node changes or another Pod gives up its own; for an object they name, when one
 * of their namespace changes. Nothing depends on it, as they look again by themselves too, only later: so it keeps
 * nothing, and what it could not tell is not told again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Log } from '../pod/log.ts';
import { messageOf } from '../pod/message-of.ts';
import { podWorkflowId } from '../pod/messages.ts';
import type { Pod, PodRef } from '../pod/types.ts';
import { leftRoom, offer, type Wanted, waitsFor } from '../pod/waiting.ts';
import type { Change, Store, StoredObject } from '../store/port.ts';

const OBJECTS = ['configmaps', 'secrets', 'serviceaccounts'];
/** Of those that wait for room, so many are woken at once, the longest waiting first: the others look by themselves. */
const MAX_WOKEN = 20;
/** Changes so near to each other wake once. */
const TOGETHER_MS = 50;
/** So long after a wake the next one comes: an object that changes all the time shall not keep Pods looking. */
const REST_MS: Record<Wanted, number> = { room: 0, objects: 1_000 };
const RETRY_MS = 1_000;

interface Waiting {
  pod: PodRef;
  wanted: Wanted;
}

export class Waker {
  readonly #store: Pick<Store, 'list' | 'watch'>;
  readonly #client: Client;
  readonly #log: Log;
  /** By uid, in the order in which they began to wait. */
  readonly #waiting = new Map<string, Waiting>();
  /** Who is to be told in a moment, by uid. */
  readonly #due: Record<Wanted, Map<string, PodRef>> = { room: new Map(), objects: new Map() };
  readonly #telling = new Set<Wanted>();

  constructor(store: Pick<Store, 'list' | 'watch'>, client: Client, log: Log) {
    this.#store = store;
    this.#client = client;
    this.#log = log;
  }

  /** Runs until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#follow(signal);
      } catch (error) {
        if (!signal.aborted) this.#log.warn({ error: messageOf(error) }, 'the store is away, following it again');
      }
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    this.#waiting.clear();
    const { items, revision } = await this.#store.list('pods');
    for (const item of items) this.#learn(item);
    for await (const change of this.#store.watch({
      resources: ['pods', 'nodes', ...OBJECTS],
      since: revision,
      signal,
    })) {
      this.#take(change, signal);
    }
  }

  #take({ type, key, object, previous }: Change, signal: AbortSignal): void {
    const { resource, namespace } = key;
    if (resource === 'pods') {
      if (type === 'DELETED') this.#waiting.delete(object.metadata.uid ?? '');
      else this.#learn(object);
      const left = type === 'DELETED' || leftRoom(previous as Pod | undefined, object as unknown as Pod);
      if (left) this.#wake('room', undefined, signal);
    } else if (resource !== 'nodes') this.#wake('objects', namespace, signal);
    else if (!previous || offer(previous) !== offer(object)) this.#wake('room', undefined, signal);
  }

  #learn(object: StoredObject): void {
    const { metadata } = object;
    const { uid = '', namespace = '', name = '' } = metadata;
    const wanted = waitsFor(object as unknown as Pod);
    if (!wanted) this.#waiting.delete(uid);
    else if (this.#waiting.get(uid)?.wanted !== wanted) {
      this.#waiting.delete(uid);
      this.#waiting.set(uid, { wanted, pod: { namespace, name, uid } });
    }
  }

  #wake(wanted: Wanted, namespace: string | undefined, signal: AbortSignal): void {
    const wake = [...this.#waiting.values()]
      .filter(({ pod, wanted: its }) => its === wanted && (namespace === undefined || pod.namespace === namespace))
      .slice(0, MAX_WOKEN);
    for (const { pod } of wake) this.#due[wanted].set(pod.uid, pod);
    void this.#tell(wanted, signal);
  }

  async #tell(wanted: Wanted, signal: AbortSignal): Promise<void> {
    const due = this.#due[wanted];
    if (this.#telling.has(wanted)) return;
    this.#telling.add(wanted);
    const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
    while (due.size > 0 && !signal.aborted) {
      await pause(TOGETHER_MS);
      const told = [...due.values()].map((pod) =>
        this.#client.workflow.getHandle(podWorkflowId(pod)).signal('lookAgain'),
      );
      due.clear();
      await Promise.allSettled(told);
      await pause(REST_MS[wanted]);
    }
    this.#telling.delete(wanted);
  }
}
