import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from './user-error.ts';

/** A process and when it started, so that another one with its reused pid is never taken for it. */
export interface ProcessId {
  pid: number;
  /** Opaque: clock ticks since boot on Linux, a date elsewhere. */
  started: string;
}

/**
 * A line of sh that prints who the shell is, in a form `parseIdentity` reads. A program started through it by `exec`
 * keeps that identity.
 */
export const PRINT_IDENTITY = 'cat /proc/$$/stat 2>/dev/null || ps -o pid=,lstart= -p $$';

/** Reads what `PRINT_IDENTITY` printed; undefined when it is no such line. */
export function parseIdentity(line: string): ProcessId | undefined {
  const pid = Number.parseInt(line, 10);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  // Linux, proc_pid_stat(5): the name in parentheses may hold anything; the start time is field 22, 20th after it.
  const afterName = line.lastIndexOf(') ');
  const fields = line.slice(afterName + 2).split(' ');
  const started = afterName < 0 ? line.replace(/^\s*\d+\s+/, '').trim() : fields[19];
  return started ? { pid, started } : undefined;
}

/** True while exactly this process runs. A zombie has ended: nothing of it runs, though nobody has reaped it. */
export function isRunning(process: ProcessId): boolean {
  const line = describe(process.pid);
  return line !== undefined && !/\) [ZX] /.test(line) && parseIdentity(line)?.started === process.started;
}

function describe(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if (process.platform === 'linux') return undefined;
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  try {
    return execFileSync('ps', ['-o', 'pid=,lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 5000 });
  } catch {
    return undefined;
  }
}

/** Ends a process: SIGTERM, and SIGKILL when it still runs `graceMs` later. Resolves when it has ended. */
export async function terminate(target: ProcessId, graceMs: number): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', 5000],
  ] as const) {
    if (!isRunning(target)) return;
    try {
      process.kill(target.pid, signal);
    } catch (error) {
      if (codeOf(error) !== 'ESRCH') throw error;
    }
    const deadline = Date.now() + waitMs;
    while (isRunning(target) && Date.now() < deadline) await sleep(20);
  }
  if (isRunning(target)) throw new Error(`process ${target.pid} does not end, not even by SIGKILL`);
}
