/** What is repeated when PostgreSQL goes away, and for how long. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** How long a server may be away before a caller is told, in milliseconds: longer than a restart takes. */
const patience = 15_000;

/** The server did not answer; whatever was in progress and not committed is undone. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super(`PostgreSQL does not answer: ${(cause as Error).message || String((cause as { code?: string }).code)}`, {
      cause,
    });
  }
}

/** True when an error of a connection or query is about the connection and not about the query. */
export function isUnreachable(error: unknown): boolean {
  // Errors that the server did not send are of the socket.
  if (!(error instanceof pg.DatabaseError)) return true;
  const code = error.code ?? '';
  // Connection exceptions; shutting down, starting up; idle in a transaction for too long; too many clients.
  return code.startsWith('08') || code.startsWith('57P') || code === '25P03' || code === '53300';
}

/** Repeats `work` while it throws Unreachable, with pauses, until patience ends or `signal` aborts. */
export async function retrying<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const deadline = performance.now() + patience;
  for (let pause = 50; ; pause = Math.min(pause * 2, 1000)) {
    try {
      return await work();
    } catch (error) {
      const hopeless = signal?.aborted || performance.now() + pause > deadline;
      if (!(error instanceof Unreachable) || hopeless) throw error;
      await sleep(pause);
    }
  }
}
