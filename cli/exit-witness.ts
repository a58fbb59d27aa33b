/**
 * Writes down each exit as containerd tells it, in a process of its own. An exit is lost when containerd is killed before
 * it has kept it, and durapod in the same moment: the witness outlives both, and what it read is on record.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SeenExit } from '../node/exit-journal.ts';
import { containerdPaths } from './containerd.ts';
import { Daemon } from './daemon.ts';
import type { Home } from './home.ts';

/** Only the last moments before a crash are of interest; probes by exec write here, too. */
const MAX_RECORD_BYTES = 1024 * 1024;

/** Where the witness records itself. */
export function witnessProcessFile(home: Home): string {
  return join(home.root, 'run', 'exit-witness.process');
}

function recordFile(home: Home): string {
  return join(home.log, 'exits.log');
}

/** containerd's own client, told to print exits; undefined where it does not come with containerd. */
export function exitWitness(home: Home, containerd: string, log: (line: string) => void): Daemon | undefined {
  const command = join(dirname(containerd), 'ctr');
  if (!existsSync(command)) return undefined;
  return new Daemon({
    name: 'the witness of exits',
    command,
    args: ['--address', containerdPaths(home).socket, '--namespace', 'k8s.io', 'events', 'topic=="/tasks/exit"'],
    env: { TZ: 'UTC' },
    processFile: witnessProcessFile(home),
    logFile: recordFile(home),
    maxLogBytes: MAX_RECORD_BYTES,
    // Nothing shows that it listens before the first exit.
    ready: async () => {},
    readyTimeoutMs: 10_000,
    log,
  });
}

/** What the last witness wrote down, oldest first. To be read before it is started again. */
export function witnessedExits(home: Home): SeenExit[] {
  const file = recordFile(home);
  return [`${file}.1`, file]
    .filter((path) => existsSync(path))
    .flatMap((path) => readFileSync(path, 'utf8').split('\n'))
    .flatMap((line) => parseExit(line) ?? []);
}

/** Reads a line of `ctr events`; undefined for what is no container's exit, or only the beginning of a line. */
export function parseExit(line: string): SeenExit | undefined {
  const [, day, time, json] = /^(\S+) (\S+) \+0000 UTC \S+ \/tasks\/exit (\{.*\})$/.exec(line) ?? [];
  if (!json) return undefined;
  try {
    const exit = JSON.parse(json) as { container_id?: string; id?: string; exit_status?: number };
    if (!exit.id || exit.id !== exit.container_id) return undefined;
    return { id: exit.id, exitCode: exit.exit_status ?? 0, at: new Date(`${day}T${time}Z`).toISOString() };
  } catch {
    return undefined;
  }
}
