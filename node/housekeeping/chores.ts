/** What a node does now and then, whatever its Pods do. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../pod/log.ts';
import { messageOf } from '../../pod/message-of.ts';

export interface Chore {
  name: string;
  everyMs: number;
  run(): Promise<void>;
}

/** Does each chore at once and then at its pace, until `signal` aborts. One that fails is done again; the same failure is logged once. */
export async function doChores(chores: Chore[], log: Pick<Log, 'warn'>, signal: AbortSignal): Promise<void> {
  await Promise.all(chores.map((chore) => repeat(chore, log, signal)));
}

async function repeat({ name, everyMs, run }: Chore, log: Pick<Log, 'warn'>, signal: AbortSignal): Promise<void> {
  let said: string | undefined;
  while (!signal.aborted) {
    try {
      await run();
      said = undefined;
    } catch (error) {
      const text = messageOf(error);
      if (text !== said) log.warn({ chore: name, error: text }, 'housekeeping failed, trying again');
      said = text;
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
