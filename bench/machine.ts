/** The machine and the programs that are measured. */
import { readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import type { RuntimeInfo } from '../runtime/port.ts';

export interface Machine {
  cpu: string;
  cores: number;
  kernel: string;
  runtime: string;
  node: string;
}

export function describeMachine(runtime: RuntimeInfo): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    kernel: release(),
    runtime: `${runtime.name} ${runtime.version}`,
    node: process.version,
  };
}

/** Resident memory of a process, in MiB. Throws when there is no such process. */
export function residentMiB(pid: number): number {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib) / 1024);
}
