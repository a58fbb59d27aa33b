/** A response that goes on: one JSON line an event, as fast as the client reads. */
import { failureStatus } from '../errors.ts';

export interface Line {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: object;
}

/**
 * Answers with what `produce` yields until it ends, `ms` have passed, the client goes away or one of `signals` aborts.
 * Its failure becomes a last line of type ERROR.
 */
export function streamLines(
  produce: (signal: AbortSignal) => AsyncGenerator<Line>,
  ms: number,
  signals: readonly AbortSignal[],
): Response {
  const end = new AbortController();
  const stop = () => end.abort();
  const timer = setTimeout(stop, ms);
  for (const signal of signals) signal.addEventListener('abort', stop, { once: true });
  if (signals.some((signal) => signal.aborted)) stop();
  const release = () => {
    clearTimeout(timer);
    stop();
    for (const signal of signals) signal.removeEventListener('abort', stop);
  };
  const encoder = new TextEncoder();
  const lines = produce(end.signal);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = await lines.next();
        if (!done) return controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
      } catch (error) {
        const line = { type: 'ERROR', object: failureStatus(error) };
        controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
      }
      release();
      controller.close();
    },
    async cancel() {
      release();
      await lines.return(undefined);
    },
  });
  return new Response(body, {
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-cache, private',
      'transfer-encoding': 'chunked',
    },
  });
}
