/** Processor time of the programs that are measured. */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux reports processor time in hundredths of a second, on every machine that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Processor time in seconds of a process and of its children that ended; 0 when there is no such process. */
export function cpuSeconds(pid: number): number {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return 0;
  }
  // The name, in parentheses, may hold anything; utime, stime, cutime and cstime are the 12th to 15th after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
}

/** The shims of the containerd at this socket: one a Pod, and parent of everything that is executed in it. */
export function shimsOf(socket: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && isShim(entry, socket))
    .map(Number);
}

function isShim(pid: string, socket: string): boolean {
  try {
    const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return program.includes('containerd-shim') && args[args.indexOf('-address') + 1] === socket;
  } catch {
    // It ended meanwhile.
    return false;
  }
}
