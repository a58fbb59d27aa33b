/** The control side's worker: Pod and node workflows, their local activities, and what tells them of changes. */
import { Worker } from '@temporalio/worker';
import { controlActivities } from '../activities/control-activities.ts';
import type { Log } from '../pod/log.ts';
import { POD_TASK_QUEUE } from '../pod/messages.ts';
import type { Store } from '../store/port.ts';
import { Dispatcher } from './dispatcher.ts';
import { stopWorker } from './stop-worker.ts';
import type { TemporalHandle } from './temporal.ts';
import { Waker } from './waker.ts';
import { workflowBundle } from './workflow-bundle.ts';

/** A process that died is asked in vain for so long before another one, or its next start, gets the workflow's task. */
const STICKY_MS = 1_000;

export interface Running {
  stop(): Promise<void>;
}

export interface ControlOptions {
  temporal: TemporalHandle;
  store: Store;
  /** Directory for what need not be made again at the next start. */
  cache: string;
  log: Log;
}

export async function startControl({ temporal, store, cache, log }: ControlOptions): Promise<Running> {
  const worker = await Worker.create({
    connection: temporal.connection,
    namespace: temporal.namespace,
    taskQueue: POD_TASK_QUEUE,
    workflowBundle: await workflowBundle(cache),
    activities: controlActivities(store),
    maxCachedWorkflows: 2_000,
    stickyQueueScheduleToStartTimeout: STICKY_MS,
    shutdownGraceTime: '2s',
    shutdownForceTime: '5s',
  });
  const stopping = new AbortController();
  const running = worker.run();
  const telling = Promise.all([
    new Dispatcher(store, temporal.client, log).run(stopping.signal),
    new Waker(store, temporal.client, log).run(stopping.signal),
  ]);
  return {
    async stop() {
      stopping.abort();
      await telling;
      await stopWorker(worker, running, log);
    },
  };
}
