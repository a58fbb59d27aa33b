/** What every activity of a node has in common: a sign of life, and which errors Temporal is to repeat. */
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { RuntimeError } from '../runtime/port.ts';

const HEARTBEAT_MS = 1_000;

/** Runs an activity with heartbeats, which also bring its cancellation. */
export async function alive<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  try {
    return await run(context.cancellationSignal);
  } catch (error) {
    if (context.cancellationSignal.aborted) throw new CancelledFailure('cancelled');
    throw error;
  } finally {
    clearInterval(beat);
  }
}

/** A runtime's refusal as its message; what is the infrastructure's fault is thrown on, and Temporal repeats it. */
export function refusal(error: unknown): RuntimeError {
  if (error instanceof RuntimeError && !error.transient) return error;
  throw error instanceof Error ? error : ApplicationFailure.retryable(String(error));
}
