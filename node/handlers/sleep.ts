import { MAX_TIMER_MS } from './deadline.ts';

/** Resolves after so many seconds. Rejects with the signal's reason when it aborts before. */
export async function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  for (let left = seconds * 1000; left > 0; left -= MAX_TIMER_MS) await pause(Math.min(left, MAX_TIMER_MS), signal);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal.addEventListener('abort', abort, { once: true });
  });
}
