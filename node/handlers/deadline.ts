/** The longest delay a timer takes; a longer one would fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** What was to be done was not done in time. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut';
  constructor(timeoutMs: number) {
    super(`timed out after ${timeoutMs / 1000}s`);
  }
}

/**
 * Runs `act` with a signal that aborts when `timeoutMs` have passed (reason: TimedOut) or when `signal` does.
 * `act` must end when its signal aborts; what cannot be cancelled goes through `abandonable`.
 */
export async function withDeadline<T>(
  timeoutMs: number,
  signal: AbortSignal,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new TimedOut(timeoutMs)), Math.min(timeoutMs, MAX_TIMER_MS));
  const forward = () => controller.abort(signal.reason);
  signal.addEventListener('abort', forward, { once: true });
  try {
    return await act(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', forward);
  }
}

/** The result of `work`, or the signal's reason as soon as it aborts: `work` then goes on unobserved. */
export function abandonable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
