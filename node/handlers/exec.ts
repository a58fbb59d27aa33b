import type { Runtime } from '../../runtime/port.ts';
import { abandonable, TimedOut, withDeadline } from './deadline.ts';
import { bounded } from './text.ts';

/** How long after a command's time-out the runtime may take to say so, before its answer is no longer waited for. */
const ANSWER_GRACE_MS = 10_000;

export interface CommandOutcome {
  exitCode: number;
  timedOut: boolean;
  /** Standard output, then standard error; at most 10 KiB. */
  output: string;
}

/**
 * Runs a command in a container to its end, or to its time-out (milliseconds), which the runtime enforces. Rejects when
 * the runtime cannot run it or does not answer, and with the signal's reason; the command itself then goes on.
 */
export async function execCommand(
  runtime: Pick<Runtime, 'execSync'>,
  containerId: string,
  command: string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  try {
    const { exitCode, timedOut, stdout, stderr } = await withDeadline(timeoutMs + ANSWER_GRACE_MS, signal, (deadline) =>
      abandonable(runtime.execSync(containerId, command, timeoutMs), deadline),
    );
    return { exitCode, timedOut, output: bounded(stdout + stderr) };
  } catch (error) {
    if (error instanceof TimedOut) {
      throw new Error(`the runtime has not answered ${ANSWER_GRACE_MS / 1000}s after the command's time-out: check it`);
    }
    throw error;
  }
}
