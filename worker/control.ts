/** The control side's worker: Pod and node workflows, their local activities, and the dispatcher. */
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { controlActivities } from '../activities/control-activities.ts';
import { POD_TASK_QUEUE } from '../pod/contract.ts';
import type { Store } from '../store/port.ts';
import { Dispatcher } from './dispatcher.ts';
import type { Log } from './log.ts';
import type { TemporalHandle } from './temporal.ts';

export const WORKFLOWS_PATH = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));

export interface Running {
  stop(): Promise<void>;
}

export async function startControl(options: { temporal: TemporalHandle; store: Store; log: Log }): Promise<Running> {
  const { temporal, store, log } = options;
  const worker = await Worker.create({
    connection: temporal.connection,
    namespace: temporal.namespace,
    taskQueue: POD_TASK_QUEUE,
    workflowsPath: WORKFLOWS_PATH,
    activities: controlActivities(store),
    maxCachedWorkflows: 2_000,
    shutdownGraceTime: '2s',
    shutdownForceTime: '5s',
  });
  const stopping = new AbortController();
  const running = worker.run();
  const dispatching = new Dispatcher(store, temporal.client, log).run(stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await dispatching.catch((error) => log.warn({ error: String(error) }, 'the dispatcher stopped'));
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
    },
  };
}
