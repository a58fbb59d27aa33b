import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { PodControl } from '../api/deps.ts';
import { ApiError, badRequest, unavailable } from '../api/errors.ts';
import type { FileResult } from '../pod/contract.ts';
import { podWorkflowId } from '../pod/messages.ts';
import type { PodRef } from '../pod/types.ts';
import { DELETE, type Store } from '../store/port.ts';

/** A Pod that was just created has no workflow yet: the dispatcher is about to start it. */
const START_WAIT_MS = 5000;
const START_POLL_MS = 50;

/** What acts on a running Pod now, by updates of its workflow. */
export function podControl(client: Client, store: Store): PodControl {
  return {
    async createFile({ pod, container, path, content, mode }) {
      // By reference, since what an update carries stays in the workflow's history.
      const upload = randomUUID();
      const key = { resource: 'uploads.durapod.io', namespace: pod.namespace, name: upload };
      const data = Buffer.from(content).toString('base64');
      await store.create(key, { metadata: { namespace: pod.namespace, name: upload }, data }, 'workflow');
      try {
        const file = { container, path, mode, upload };
        const result = await update<FileResult>(client, pod, 'createFile', [file]);
        if (!result.created) throw refusalOf(pod, result);
      } finally {
        await store.update(key, () => DELETE, 'workflow').catch(() => undefined);
      }
    },
    async restartContainer({ pod, container }) {
      await update(client, pod, 'restartContainer', [{ container }]);
    },
    async restartPod({ pod }) {
      await update(client, pod, 'restartPod', [{ message: 'The Pod restarts, as asked' }]);
    },
  };
}

/** What was asked for is in order, and the Pod is not there for it. */
const CONFLICTS = ['ContainerNotRunning', 'PodNotRunning'];

function refusalOf({ name, uid }: PodRef, { reason, message }: { reason: string; message: string }): ApiError {
  if (!CONFLICTS.includes(reason)) return badRequest(message);
  return new ApiError(409, 'Conflict', message, { name, kind: 'pods', uid, causes: [{ reason, message }] });
}

async function update<T>(client: Client, pod: PodRef, name: string, args: [unknown]): Promise<T> {
  const handle = client.workflow.getHandle(podWorkflowId(pod));
  const deadline = Date.now() + START_WAIT_MS;
  for (;;) {
    try {
      return await handle.executeUpdate<T, [unknown]>(name, { args });
    } catch (error) {
      if (error instanceof WorkflowUpdateFailedError) {
        const { cause } = error;
        const reason = (cause instanceof ApplicationFailure && cause.type) || 'Invalid';
        throw refusalOf(pod, { reason, message: cause?.message ?? error.message });
      }
      if (!(error instanceof WorkflowNotFoundError)) {
        throw unavailable(`Temporal cannot be asked (${error instanceof Error ? error.message : error}): try again`);
      }
      if (Date.now() > deadline) {
        throw new ApiError(
          409,
          'Conflict',
          `pod "${pod.name}" does not run: it has ended, or durapod is not taking it up`,
        );
      }
      await sleep(START_POLL_MS);
    }
  }
}
