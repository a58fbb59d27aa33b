/** Exit code of a process ended by SIGINT, as shells have it. */
const INTERRUPTED = 130;

export interface Interruption {
  /** Aborted at the first Ctrl-C or SIGTERM. */
  signal: AbortSignal;
  /** Resolves at the first Ctrl-C or SIGTERM. */
  requested: Promise<void>;
}

/** Listens for Ctrl-C and SIGTERM: the first asks for a graceful end, the second ends the process at once. */
export function onInterrupt(say: (line: string) => void): Interruption {
  const abort = new AbortController();
  const requested = new Promise<void>((resolve) => {
    const handle = () => {
      if (abort.signal.aborted) process.exit(INTERRUPTED);
      say('\nstopping (Pods go on running; again to end at once)');
      abort.abort(new Error('interrupted'));
      resolve();
    };
    process.on('SIGINT', handle);
    process.on('SIGTERM', handle);
  });
  return { signal: abort.signal, requested };
}
