/**
 * Logs of running containers are kept small: `0.log` becomes `0.log.<time>`, the runtime goes on in a new `0.log`, and
 * what was rotated before is compressed to `0.log.<time>.gz`. Names and order are the kubelet's, which log collectors know
 * (https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-rotation).
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Log } from '../../pod/log.ts';
import type { Runtime, RuntimeContainer } from '../../runtime/port.ts';
import type { NodeDirs } from '../dirs.ts';
import type { HousekeepingPolicy } from './policy.ts';

export interface LogRotation {
  runtime: Pick<Runtime, 'listContainers' | 'reopenLog'>;
  dirs: NodeDirs;
  policy: Pick<HousekeepingPolicy, 'containerLogMaxBytes' | 'containerLogMaxFiles'>;
  log: Pick<Log, 'warn'>;
}

const COMPRESSED = '.gz';
const UNFINISHED = '.tmp';

/** Rotates every log that has grown too large. One that cannot be is logged, and tried again the next time. */
export async function rotateLogs({ runtime, dirs, policy, log }: LogRotation): Promise<void> {
  for (const container of await runtime.listContainers({})) {
    if (container.state !== 'running') continue;
    const path = join(dirs.podLogs(container.pod), container.name, `${container.attempt}.log`);
    await rotateWhenLarge(runtime, container, path, policy).catch((error) => {
      log.warn({ path, error: String(error) }, 'a log could not be rotated');
    });
  }
}

async function rotateWhenLarge(
  runtime: LogRotation['runtime'],
  { id }: RuntimeContainer,
  path: string,
  { containerLogMaxBytes, containerLogMaxFiles }: LogRotation['policy'],
): Promise<void> {
  // Another's container, on a runtime that is shared.
  if (!(await sizeOf(dirname(path)))) return;
  const size = await sizeOf(path);
  if (size === undefined) await runtime.reopenLog(id);
  else if (size >= containerLogMaxBytes) await rotate(path, containerLogMaxFiles, () => runtime.reopenLog(id));
}

/** Rotates one log. `reopen` makes its writer go on in a new file; when it fails the log is put back and that is thrown. */
export async function rotate(
  path: string,
  maxFiles: number,
  reopen: () => Promise<void>,
  now = new Date(),
): Promise<void> {
  const directory = dirname(path);
  const siblings = (await readdir(directory)).filter((name) => name.startsWith(`${basename(path)}.`));
  const { remove, compress } = planRotation(siblings, maxFiles);
  for (const name of remove) await rm(join(directory, name), { force: true });
  for (const name of compress) await compressFile(join(directory, name));
  const rotated = `${path}.${timestamp(now)}`;
  await rename(path, rotated);
  try {
    await reopen();
  } catch (error) {
    await rename(rotated, path);
    throw error;
  }
}

/**
 * What becomes of the files that one log was rotated to before. The current file and the one it is about to become count
 * too, so two fewer stay. Left over from a rotation that was cut off: unfinished files, and what is compressed already.
 */
export function planRotation(names: string[], maxFiles: number): { remove: string[]; compress: string[] } {
  const leftOver = (name: string) => name.endsWith(UNFINISHED) || names.includes(name + COMPRESSED);
  const sound = names.filter((name) => !leftOver(name)).sort();
  const kept = sound.slice(Math.max(0, sound.length - Math.max(0, maxFiles - 2)));
  return {
    remove: names.filter((name) => !kept.includes(name)).sort(),
    compress: kept.filter((name) => !name.endsWith(COMPRESSED)),
  };
}

async function compressFile(path: string): Promise<void> {
  const { mode } = await stat(path);
  const unfinished = path + UNFINISHED;
  await pipeline(createReadStream(path), createGzip(), createWriteStream(unfinished, { mode }));
  await rename(unfinished, path + COMPRESSED);
  await rm(path);
}

/** `20260304-050607`, in UTC. */
function timestamp(now: Date): string {
  return now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    },
  );
}
