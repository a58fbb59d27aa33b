/**
 * The outbox: tails the store's log and tells each Pod's workflow what clients changed, at least once and in order. A
 * write to the API is therefore never half done: what is stored is told, sooner or later.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import { POD_TASK_QUEUE, POD_WORKFLOW_VERSION, podWorkflowId, WORKFLOW_TASK_TIMEOUT } from '../pod/contract.ts';
import type { Log } from '../pod/log.ts';
import type { Pod } from '../pod/types.ts';
import { type PodView, viewOf } from '../pod/view.ts';
import { type Change, Compacted, type Store } from '../store/port.ts';

const CURSOR = 'dispatcher';
/** Pods told at once. */
const MAX_AT_ONCE = 64;
const SAVE_EVERY_MS = 250;

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
  readonly #chains = new Map<string, Promise<void>>();
  /** Revisions read but not told yet. */
  readonly #open = new Set<number>();
  #read = 0;
  #saved = -1;

  constructor(store: Store, client: Client, log: Log) {
    this.#store = store;
    this.#client = client;
    this.#log = log;
  }

  /** Runs until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    this.#read = await this.#store.cursor(CURSOR);
    await this.#save();
    const saving = setInterval(() => void this.#save().catch(() => undefined), SAVE_EVERY_MS);
    try {
      while (!signal.aborted) {
        try {
          await this.#tail(signal);
        } catch (error) {
          if (error instanceof Compacted) await this.#tellAll(signal);
          else if (!signal.aborted) this.#log.warn({ error: String(error) }, 'the store is away, tailing it again');
          await sleep(500, undefined, { signal }).catch(() => undefined);
        }
      }
      await Promise.allSettled(this.#chains.values());
      await this.#save();
    } finally {
      clearInterval(saving);
    }
  }

  async #tail(signal: AbortSignal): Promise<void> {
    for await (const change of this.#store.watch({ resources: ['pods'], since: this.#read, signal })) {
      this.#read = change.revision;
      if (change.by === 'client') await this.#enqueue(change.revision, viewOfChange(change), signal);
    }
  }

  /** The log does not reach back to the cursor: tell every Pod's workflow how its Pod stands. */
  async #tellAll(signal: AbortSignal): Promise<void> {
    const { items, revision } = await this.#store.list('pods');
    for (const item of items) await this.#enqueue(revision, viewOf(item as unknown as Pod), signal);
    this.#read = revision;
  }

  async #enqueue(revision: number, view: PodView, signal: AbortSignal): Promise<void> {
    while (this.#chains.size >= MAX_AT_ONCE) await Promise.race(this.#chains.values());
    this.#open.add(revision);
    const before = this.#chains.get(view.uid) ?? Promise.resolve();
    const told = before.then(() => this.#tell(view, signal)).finally(() => this.#open.delete(revision));
    this.#chains.set(view.uid, told);
    void told.finally(() => {
      if (this.#chains.get(view.uid) === told) this.#chains.delete(view.uid);
    });
  }

  /** Repeats until the workflow has it; what is over by then needs no telling. */
  async #tell(view: PodView, signal: AbortSignal): Promise<void> {
    for (let pause = 100; !signal.aborted; pause = Math.min(pause * 2, 5_000)) {
      try {
        if (view.deletion?.gone) {
          await this.#client.workflow.getHandle(podWorkflowId(view)).signal('podChanged', view);
        } else await this.#signalWithStart(view);
        return;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError || error instanceof WorkflowExecutionAlreadyStartedError) return;
        this.#log.warn({ pod: `${view.namespace}/${view.name}`, error: String(error) }, 'telling Temporal again');
        await sleep(pause, undefined, { signal }).catch(() => undefined);
      }
    }
    throw new Error('stopped before it was told');
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

  /** Up to the first revision that is not told yet. */
  async #save(): Promise<void> {
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
