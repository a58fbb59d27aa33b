/**
 * Wakes Pods that wait: for room, when a node changes or another Pod gives up its own; for an object they name, when one
 * of their namespace changes. Nothing depends on it, as they look again by themselves too, only later: so it keeps
 * nothing, and what it could not tell is not told again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Log } from '../pod/log.ts';
import { podWorkflowId } from '../pod/messages.ts';
import type { Node, Pod, PodRef } from '../pod/types.ts';
import { leftRoom, offer, type Wanted, waitsFor } from '../pod/waiting.ts';
import { keepFollowing } from '../store/keep-following.ts';
import type { Change, Store } from '../store/port.ts';

const OBJECTS = ['configmaps', 'secrets', 'serviceaccounts'];
/** Of those that wait for the same, so many are woken at once, and the others the next time: they look by themselves too. */
const MAX_WOKEN = 20;
/** Room is for Pods of every namespace. */
const EVERYWHERE = '';
/** Changes so near to each other wake once. */
const TOGETHER_MS = 50;
/** So long after a wake the next one comes at the earliest: what changes all the time shall not keep Pods looking. */
const REST_MS = 500;

interface Waiting {
  pod: PodRef;
  wanted: Wanted;
}

export class Waker {
  readonly #store: Pick<Store, 'list' | 'watch'>;
  readonly #client: Client;
  readonly #log: Log;
  /** By uid, in the order in which they are woken. */
  readonly #waiting = new Map<string, Waiting>();
  /** In which namespaces it may be there. */
  readonly #due: Record<Wanted, Set<string>> = { room: new Set(), objects: new Set() };
  readonly #telling = new Set<Wanted>();

  constructor(store: Pick<Store, 'list' | 'watch'>, client: Client, log: Log) {
    this.#store = store;
    this.#client = client;
    this.#log = log;
  }

  /** Runs until `signal` aborts. */
  run(signal: AbortSignal): Promise<void> {
    return keepFollowing('what Pods wait for', () => this.#follow(signal), this.#log, signal);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    this.#waiting.clear();
    const { items, revision } = await this.#store.list('pods');
    for (const item of items) this.#learn(item as unknown as Pod);
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
      const pod = object as unknown as Pod;
      const isGone = type === 'DELETED';
      if (isGone) this.#waiting.delete(pod.metadata.uid ?? '');
      else this.#learn(pod);
      const left = isGone ? leftRoom(pod, undefined) : leftRoom(previous as unknown as Pod | undefined, pod);
      if (left) this.#wake('room', EVERYWHERE, signal);
    } else if (resource !== 'nodes') this.#wake('objects', namespace, signal);
    else if (!previous || offer(previous as Node) !== offer(object as Node)) this.#wake('room', EVERYWHERE, signal);
  }

  #learn(pod: Pod): void {
    const { uid = '', namespace = '', name = '' } = pod.metadata;
    const wanted = waitsFor(pod);
    if (!wanted) this.#waiting.delete(uid);
    else if (this.#waiting.get(uid)?.wanted !== wanted) this.#putLast({ wanted, pod: { namespace, name, uid } });
  }

  #putLast(waiting: Waiting): void {
    const { uid } = waiting.pod;
    this.#waiting.delete(uid);
    this.#waiting.set(uid, waiting);
  }

  #wake(wanted: Wanted, namespace: string, signal: AbortSignal): void {
    this.#due[wanted].add(namespace);
    if (!this.#telling.has(wanted)) void this.#tell(wanted, signal);
  }

  async #tell(wanted: Wanted, signal: AbortSignal): Promise<void> {
    const due = this.#due[wanted];
    const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
    this.#telling.add(wanted);
    while (due.size > 0 && !signal.aborted) {
      await pause(TOGETHER_MS);
      const next = [...due].flatMap((namespace) => this.#next(wanted, namespace));
      due.clear();
      await Promise.allSettled(
        next.map(({ pod }) => this.#client.workflow.getHandle(podWorkflowId(pod)).signal('lookAgain')),
      );
      if (next.length > 0) await pause(REST_MS);
    }
    this.#telling.delete(wanted);
  }

  /** Who is told now: they are the last the next time. */
  #next(wanted: Wanted, namespace: string): Waiting[] {
    const next = [...this.#waiting.values()]
      .filter((waiting) => waiting.wanted === wanted)
      .filter(({ pod }) => namespace === EVERYWHERE || pod.namespace === namespace)
      .slice(0, MAX_WOKEN);
    for (const waiting of next) this.#putLast(waiting);
    return next;
  }
}
