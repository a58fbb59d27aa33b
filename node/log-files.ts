import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PodRef } from '../pod/types.ts';

/**
 * Where the runtime writes a Pod's container logs: the layout of the kubelet's `/var/log/pods`
 * (`<ns>_<name>_<uid>/<container>/<attempt>.log`), which log collectors know.
 */
export function podLogDirectory(podLogs: string, pod: PodRef): string {
  return join(podLogs, `${pod.namespace}_${pod.name}_${pod.uid}`);
}

/** The log of one attempt of a container. */
export interface AttemptLog {
  attempt: number;
  path: string;
}

/** The logs of a container that are there, oldest attempt first. Rotated files (`0.log.<time>`) are not among them. */
export async function attemptLogs(podLogs: string, pod: PodRef, container: string): Promise<AttemptLog[]> {
  const directory = join(podLogDirectory(podLogs, pod), container);
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => /^\d+\.log$/.test(name))
    .map((name) => ({ attempt: Number.parseInt(name, 10), path: join(directory, name) }))
    .sort((a, b) => a.attempt - b.attempt);
}
