/**
 * What of each node is taken: the requests and host ports of the Pods that it admitted and that are not over. Read from
 * the store once, then kept up with its log, so that binding one more Pod looks at no other. Who takes room decides here
 * one at a time.
 */
import { type HostPort, hostPortsOf } from '../pod/host-ports.ts';
import { isOver } from '../pod/phase.ts';
import { type Amounts, addAmounts, requestsOf } from '../pod/requests.ts';
import type { Taken } from '../pod/schedule.ts';
import type { Pod } from '../pod/types.ts';
import type { Change, Store, StoredObject } from '../store/port.ts';

interface Claim {
  node: string;
  requests: Amounts;
  hostPorts: HostPort[];
  /** The store's revision that it is of. */
  revision: number;
}

export class NodeClaims {
  readonly #store: Pick<Store, 'list' | 'watch'>;
  /** By Pod's uid. */
  readonly #claims = new Map<string, Claim>();
  #following: Promise<void> | undefined;
  /** Pods that ended or went while the present decision is being made. */
  readonly #gone = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: Pick<Store, 'list' | 'watch'>) {
    this.#store = store;
  }

  /** Runs `decide` when no other decision is under way and all Pods are known. */
  exclusively<T>(decide: () => Promise<T>): Promise<T> {
    const result = this.#last
      .then(() => this.#follow())
      .then(() => {
        this.#gone.clear();
        return decide();
      });
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** What is taken of a node by all Pods but one. */
  takenOn(node: string, exceptUid: string): Taken {
    const taken: Taken = { amounts: {}, hostPorts: [] };
    for (const [uid, claim] of this.#claims) {
      if (claim.node !== node || uid === exceptUid) continue;
      addAmounts(taken.amounts, claim.requests);
      taken.hostPorts.push(...claim.hostPorts);
    }
    return taken;
  }

  /** Takes room for a Pod that was read or written in the present decision. */
  take(pod: Pod): void {
    if (!this.#gone.has(pod.metadata.uid ?? '')) this.#set(pod, Number(pod.metadata.resourceVersion));
  }

  #set(pod: Pod, revision: number): void {
    const node = pod.spec.nodeName ?? '';
    const claim = { node, requests: requestsOf(pod), hostPorts: hostPortsOf(pod), revision };
    this.#claims.set(pod.metadata.uid ?? '', claim);
  }

  #follow(): Promise<void> {
    this.#following ??= this.#begin().catch((error) => {
      this.#following = undefined;
      throw error;
    });
    return this.#following;
  }

  async #begin(): Promise<void> {
    const { items, revision } = await this.#store.list('pods');
    const present = new Set(items.map(({ metadata }) => metadata.uid));
    for (const uid of this.#claims.keys()) if (!present.has(uid)) this.#claims.delete(uid);
    for (const item of items) this.#learn(item, Number(item.metadata.resourceVersion));
    void this.#tail(revision);
  }

  /** When the log ends (it was compacted, or the store is away), all is read anew before the next decision. */
  async #tail(since: number): Promise<void> {
    try {
      for await (const change of this.#store.watch({ resources: ['pods'], since })) this.#apply(change);
    } catch {
      // What was wrong with the store shows at the next decision.
    }
    this.#following = undefined;
  }

  #apply({ type, object, revision }: Change): void {
    if (type === 'DELETED') this.#remove(object.metadata.uid ?? '');
    else this.#learn(object, revision);
  }

  #learn(object: StoredObject, revision: number): void {
    const pod = object as unknown as Pod;
    const { uid = '' } = pod.metadata;
    const before = this.#claims.get(uid);
    if (before && before.revision > revision) return;
    // One that names its node itself is not admitted before its workflow has asked for the room.
    const isAdmitted = before !== undefined || pod.status?.hostIP !== undefined;
    if (isOver(pod.status?.phase)) this.#remove(uid);
    else if (pod.spec.nodeName && isAdmitted) this.#set(pod, revision);
  }

  #remove(uid: string): void {
    this.#claims.delete(uid);
    this.#gone.add(uid);
  }
}
