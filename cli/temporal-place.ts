/** Where a home's own Temporal is. Apart from starting it, so that who only asks loads no client. */
import { join } from 'node:path';
import type { TemporalAddress } from '../worker/temporal.ts';
import type { Home } from './home.ts';

/** Where our Temporal records itself. */
export function temporalProcessFile(home: Home): string {
  return join(home.root, 'run', 'temporal.process');
}

/** Where our Temporal listens. */
export function ownTemporal(ports: Record<string, number>): string {
  return `127.0.0.1:${ports.temporal}`;
}

/** What a command of Temporal's CLI begins with, to reach a server; its own namespace needs no word. */
export function temporalCli(program: string, { address, namespace }: TemporalAddress): string {
  const words = [program, '--address', address];
  return (namespace === 'default' ? words : [...words, '--namespace', namespace]).join(' ');
}
