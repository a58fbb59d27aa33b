/** What a node says to Pods' workflows, repeated until it is heard. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Log } from '../pod/log.ts';
import { podWorkflowId } from '../pod/messages.ts';
import type { PodRef } from '../pod/types.ts';

export class PodSignals {
  readonly #client: Client;
  readonly #log: Log;
  readonly #stopping: AbortSignal;

  constructor(client: Client, log: Log, stopping: AbortSignal) {
    this.#client = client;
    this.#log = log;
    this.#stopping = stopping;
  }

  /** Resolves when the workflow has it or is over. Rejects only when this process stops first. */
  async send(pod: PodRef, signal: string, argument: object): Promise<void> {
    const handle = this.#client.workflow.getHandle(podWorkflowId(pod));
    for (let pause = 50; !this.#stopping.aborted; pause = Math.min(pause * 2, 5_000)) {
      try {
        return await handle.signal(signal, argument);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return;
        this.#log.warn({ pod: `${pod.namespace}/${pod.name}`, signal, error: String(error) }, 'reporting again');
        await sleep(pause, undefined, { signal: this.#stopping }).catch(() => undefined);
      }
    }
    throw new Error(`stopped before ${signal} was heard`);
  }
}

/** Whether the Pod's workflow is there and not over. Rejects when Temporal does not answer. */
export async function podWorkflowRuns(client: Client, pod: PodRef): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(podWorkflowId(pod)).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
