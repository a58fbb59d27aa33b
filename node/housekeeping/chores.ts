/** What a node does now and then, whatever its Pods do. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Chore {
  name: string;
  everyMs: number;
  run(): Promise<void>;
}

export interface ChoreLog {
  warn(fields: object, message: string): void;
}

/** Does each chore at once and then at its pace, until `signal` aborts. One that fails is done again; the same failure is logged once. */
export async function doChores(chores: Chore[], log: ChoreLog, signal: AbortSignal): Promise<void> {
  await Promise.all(chores.map((chore) => repeat(chore, log, signal)));
}

async function repeat({ name, everyMs, run }: Chore, log: ChoreLog, signal: AbortSignal): Promise<void> {
  let said: string | undefined;
  while (!signal.aborted) {
    try {
      await run();
      said = undefined;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (text !== said) log.warn({ chore: name, error: text }, 'housekeeping failed, trying again');
      said = text;
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
