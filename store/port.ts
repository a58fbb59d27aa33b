/**
 * The store: objects, one revision counter, one ordered log. Everything a client reads comes from here; the log is
 * also the outbox that the dispatcher tails. A narrow port, with one driver a database and one suite for both.
 */

/** A stored object: Kubernetes JSON. The store stamps `metadata.resourceVersion` and touches nothing else. */
export interface StoredObject {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name?: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    // biome-ignore lint/suspicious/noExplicitAny: the store does not look inside
    [field: string]: any;
  };
  // biome-ignore lint/suspicious/noExplicitAny: the store does not look inside
  [field: string]: any;
}

/** Where an object is: resource as in its URL with its group (`pods`, `leases.coordination.k8s.io`), `''` for cluster scope. */
export interface Key {
  resource: string;
  namespace: string;
  name: string;
}

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Who wrote: a client through the API, or a workflow publishing status (the dispatcher need not tell a workflow of its own writes). */
export type Writer = 'client' | 'workflow';

/** One entry of the log. `object` is the state after the change; for DELETED the last state, stamped with the deletion's revision. */
export interface Change {
  revision: number;
  type: ChangeType;
  key: Key;
  by: Writer;
  object: StoredObject;
  /** The state before, for MODIFIED: a watch with a selector needs it to tell ADDED and DELETED apart. */
  previous?: StoredObject;
}

/** What a caller does with the object it is shown: a new state, `undefined` to leave it as it is, or `DELETE`. */
export const DELETE = Symbol('delete');
export type Mutation = StoredObject | typeof DELETE | undefined;

/** Thrown by create when the key is taken. */
export class AlreadyExists extends Error {}
/** Thrown when the object is not there. */
export class NotFound extends Error {}
/**
 * Thrown by watch and list when the revision asked for has been compacted away, or is newer than the newest and so of
 * another store (HTTP 410 Gone: list again).
 */
export class Compacted extends Error {}

export interface ListOptions {
  /** Only this namespace; all when absent. */
  namespace?: string;
  /** At most so many; with `after` the next page. */
  limit?: number;
  /** Continue after this key, at the same `revision` as the first page. */
  after?: { namespace: string; name: string };
  /** The state as of this revision (it must not be compacted); the newest when absent. */
  revision?: number;
}

export interface ListResult {
  items: StoredObject[];
  /** The revision the list is of. */
  revision: number;
  /** True when `limit` cut the list. */
  more: boolean;
}

export interface WatchOptions {
  /** One resource, or several, or all when absent. */
  resources?: string[];
  namespace?: string;
  /** Changes after this revision. */
  since: number;
  signal?: AbortSignal;
}

/** Objects by key, and the log of their changes: every write is one entry, and the object's resourceVersion its number. */
export interface Store {
  /** The newest revision; 0 when empty. */
  revision(): Promise<number>;
  /** Stores a new object. Throws AlreadyExists. Resolves with the object stamped with its resourceVersion. */
  create(key: Key, object: StoredObject, by: Writer): Promise<StoredObject>;
  /** The object, or undefined. */
  get(key: Key): Promise<StoredObject | undefined>;
  /**
   * Reads, lets `change` decide and writes, atomically: nobody else's write comes between. `change` is pure and may run
   * more than once. A result deeply equal to what is stored writes nothing and keeps the revision. Throws NotFound.
   * Resolves with the stored object (for DELETE the last state, stamped with the deletion's revision).
   */
  update(key: Key, change: (current: StoredObject) => Mutation, by: Writer): Promise<StoredObject>;
  /** Objects of a resource ordered by namespace and name. */
  list(resource: string, options?: ListOptions): Promise<ListResult>;
  /** Changes after `since`, in order, without end (until `signal` aborts). Throws Compacted. Nothing is lost or repeated. */
  watch(options: WatchOptions): AsyncIterable<Change>;
  /** The newest revision that was compacted away (0: none): history up to it is gone. */
  compacted(): Promise<number>;
  /** Forgets log entries up to and including `revision`; objects stay. */
  compact(revision: number): Promise<void>;
  /** A named durable position in the log (the dispatcher's); 0 when never saved. */
  cursor(name: string): Promise<number>;
  /** From its first save on, the cursor holds back compaction: save it, be it 0, before relying on the log. */
  saveCursor(name: string, revision: number): Promise<void>;
  /** Every saved cursor by name. */
  cursors(): Promise<Record<string, number>>;
  /** Ends every watch of this store and lets go of the database. */
  close(): Promise<void>;
}
