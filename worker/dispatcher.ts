/**
 * The outbox: tails the store's log and tells each Pod's workflow what clients changed, at least once and in order. A
 * write to the API is therefore never half done: what is stored is told, sooner or later.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import type { Log } from '../pod/log.ts';
import { POD_TASK_QUEUE, POD_WORKFLOW_VERSION, podWorkflowId, WORKFLOW_TASK_TIMEOUT } from '../pod/messages.ts';
import type { Pod } from '../pod/types.ts';
import { type PodView, viewOf } from '../pod/view.ts';
import { keepFollowing } from '../store/keep-following.ts';
import { type Change, Compacted, type Store } from '../store/port.ts';

const CURSOR = 'dispatcher';
/** Messages on their way at once, those that wait for an earlier one of their Pod among them. */
const MAX_AT_ONCE = 64;
const SAVE_EVERY_MS = 250;
/** A call without an answer is given up and repeated; a stop waits no longer for it either. */
const CALL_MS = 10_000;

const ATTRIBUTES = {
  namespace: defineSearchAttributeKey('PodNamespace', SearchAttributeType.KEYWORD),
  name: defineSearchAttributeKey('PodName', SearchAttributeType.KEYWORD),
  phase: defineSearchAttributeKey('PodPhase', SearchAttributeType.KEYWORD),
};

export class Dispatcher {
  readonly #store: Store;
  readonly #client: Client;
  readonly #log: Log;
  /** The last message of each Pod, so that its messages stay in order. */
  readonly #last = new Map<string, Promise<boolean>>();
  readonly #telling = new Set<Promise<boolean>>();
  /** Revisions read but not told yet: the cursor stays before them. */
  readonly #open = new Set<number>();
  /** Up to where the log is read; undefined until the cursor is known. */
  #read: number | undefined;
  #saved: number | undefined;

  constructor(store: Store, client: Client, log: Log) {
    this.#store = store;
    this.#client = client;
    this.#log = log;
  }

  /** Runs until `signal` aborts, and never rejects: what fails on the way is tried again. */
  async run(signal: AbortSignal): Promise<void> {
    const saving = this.#keepSaving(signal);
    await keepFollowing('Pods', () => this.#follow(signal), this.#log, signal);
    await Promise.all([...this.#telling, saving]);
    await this.#save().catch((error) => {
      this.#log.warn({ error: String(error) }, 'the cursor is not saved: Pods will be told once more');
    });
  }

  async #follow(signal: AbortSignal): Promise<void> {
    this.#read ??= await this.#store.cursor(CURSOR);
    // Only what is after a saved cursor is safe from compaction.
    await this.#save();
    try {
      await this.#tail(this.#read, signal);
    } catch (error) {
      if (!(error instanceof Compacted)) throw error;
      await this.#tellAll(signal);
    }
  }

  async #tail(since: number, signal: AbortSignal): Promise<void> {
    for await (const change of this.#store.watch({ resources: ['pods'], since, signal })) {
      const { revision } = change;
      if (change.by === 'client') this.#open.add(revision);
      this.#read = revision;
      if (change.by !== 'client') continue;
      await this.#room();
      void this.#send(viewOfChange(change), signal).then((told) => told && this.#open.delete(revision));
    }
  }

  /**
   * The log does not reach back to the cursor: tell every Pod's workflow how its Pod stands. Only once all have heard it
   * is the log behind that list done with.
   */
  async #tellAll(signal: AbortSignal): Promise<void> {
    const { items, revision } = await this.#store.list('pods');
    const telling: Promise<boolean>[] = [];
    for (const item of items) {
      await this.#room();
      telling.push(this.#send(viewOf(item as unknown as Pod), signal));
    }
    if ((await Promise.all(telling)).every(Boolean)) this.#read = revision;
  }

  async #room(): Promise<void> {
    while (this.#telling.size >= MAX_AT_ONCE) await Promise.race(this.#telling);
  }

  /** Tells it after the Pod's earlier messages; resolves with whether it was told. */
  #send(view: PodView, signal: AbortSignal): Promise<boolean> {
    const before = this.#last.get(view.uid) ?? Promise.resolve();
    const told = before
      .then(() => this.#tell(view, signal))
      .finally(() => {
        this.#telling.delete(told);
        if (this.#last.get(view.uid) === told) this.#last.delete(view.uid);
      });
    this.#telling.add(told);
    this.#last.set(view.uid, told);
    return told;
  }

  /** Repeats until the workflow has it, or to false when stopped first; what is over by then needs no telling. */
  async #tell(view: PodView, signal: AbortSignal): Promise<boolean> {
    for (let pause = 100; !signal.aborted; pause = Math.min(pause * 2, 5_000)) {
      try {
        await this.#client.withDeadline(Date.now() + CALL_MS, () => this.#call(view));
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError || error instanceof WorkflowExecutionAlreadyStartedError)
          return true;
        this.#log.warn({ pod: `${view.namespace}/${view.name}`, error: String(error) }, 'telling Temporal again');
        await sleep(pause, undefined, { signal }).catch(() => undefined);
      }
    }
    return false;
  }

  #call(view: PodView): Promise<unknown> {
    if (!view.deletion?.gone) return this.#signalWithStart(view);
    return this.#client.workflow.getHandle(podWorkflowId(view)).signal('podChanged', view);
  }

  async #signalWithStart(view: PodView): Promise<void> {
    await this.#client.workflow.signalWithStart('podWorkflow', {
      workflowId: podWorkflowId(view),
      taskQueue: POD_TASK_QUEUE,
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      args: [{ view, version: POD_WORKFLOW_VERSION }],
      signal: 'podChanged',
      signalArgs: [view],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: `Pod ${view.namespace}/${view.name}`,
      typedSearchAttributes: new TypedSearchAttributes([
        { key: ATTRIBUTES.namespace, value: view.namespace },
        { key: ATTRIBUTES.name, value: view.name },
        { key: ATTRIBUTES.phase, value: 'Pending' },
      ]),
    });
  }

  async #keepSaving(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(SAVE_EVERY_MS, undefined, { signal }).catch(() => undefined);
      // What is not saved now is saved the next time.
      await this.#save().catch(() => undefined);
    }
  }

  /** Up to the first revision that is not told yet. */
  async #save(): Promise<void> {
    if (this.#read === undefined) return;
    const position = this.#open.size > 0 ? Math.min(...this.#open) - 1 : this.#read;
    if (position === this.#saved) return;
    await this.#store.saveCursor(CURSOR, position);
    this.#saved = position;
  }
}

function viewOfChange({ type, object }: Change): PodView {
  const pod = object as unknown as Pod;
  const view = viewOf(pod);
  if (type !== 'DELETED') return view;
  const at = pod.metadata.deletionTimestamp ?? new Date().toISOString();
  return { ...view, deletion: { at, graceSeconds: pod.metadata.deletionGracePeriodSeconds ?? 0, gone: true } };
}
