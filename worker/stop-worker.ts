import type { Worker } from '@temporalio/worker';
import type { Log } from '../pod/log.ts';

/**
 * Ends a worker whose `run` gave `running`. While Temporal is away it cannot end in order, which must not keep what is
 * stopped after it from its own end.
 */
export async function stopWorker(worker: Worker, running: Promise<void>, log: Log): Promise<void> {
  if (worker.getState() === 'RUNNING') worker.shutdown();
  await running.catch((error) =>
    log.warn({ error: String(error) }, 'a worker did not end in order: is Temporal away?'),
  );
}
