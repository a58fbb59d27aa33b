import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 500;

interface Log {
  warn(fields: object, message: string): void;
}

/** Calls `follow` until `signal` aborts: one that fails, with the store away for example, is logged and begun again. */
export async function keepFollowing(
  what: string,
  follow: () => Promise<void>,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await follow();
    } catch (err) {
      if (signal.aborted) return;
      log.warn({ err }, `following ${what} failed, trying again`);
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}
