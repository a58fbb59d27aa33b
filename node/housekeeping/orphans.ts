/**
 * Pods that nobody answers for any more: their object is gone from the API, and their workflow, which would have removed
 * them, is over. The node removes what is left of them.
 */
import { stat } from 'node:fs/promises';
import type { Log } from '../../pod/log.ts';
import type { KubeObject, PodRef } from '../../pod/types.ts';
import type { NodeDirs } from '../dirs.ts';
import { eachInTurn } from './each-in-turn.ts';
import { podsOnDisk } from './pods-on-disk.ts';

export interface Orphans {
  dirs: NodeDirs;
  /** The Pods of a namespace that the API has. */
  list(namespace: string): Promise<KubeObject[]>;
  /** Whether the Pod's workflow still runs. */
  hasWorkflow(pod: PodRef): Promise<boolean>;
  /** Removes everything of the Pod from the node. */
  remove(pod: PodRef): Promise<void>;
  log: Pick<Log, 'warn'>;
  /** ms since the epoch. */
  now?: () => number;
}

/** Younger ones are left to whoever is at work on them. */
const MIN_AGE_MS = 60_000;

/**
 * Removes what is left of Pods that are gone. A Pod's object is there before anything of it is on the node, so one that the
 * API does not have after its directory was seen has been deleted; then its workflow is asked for. Throws when the API or
 * Temporal does not answer: then nothing is known, and nothing removed. Throws at the end what could not be removed.
 */
export async function removeOrphans(options: Orphans): Promise<void> {
  const { remove, log } = options;
  await eachInTurn(await findOrphans(options), async (pod) => {
    log.warn({ ...pod }, 'removing what is left of a Pod that is gone');
    await remove(pod);
  });
}

async function findOrphans({ dirs, list, hasWorkflow, now = Date.now }: Orphans): Promise<PodRef[]> {
  const orphans: PodRef[] = [];
  const byNamespace = Map.groupBy(await podsOnDisk(dirs), ({ namespace }) => namespace);
  for (const [namespace, pods] of byNamespace) {
    const known = new Set((await list(namespace)).map(({ metadata }) => metadata.uid));
    for (const pod of pods) {
      if (known.has(pod.uid)) continue;
      const { birthtimeMs } = await stat(dirs.podLogs(pod)).catch(() => ({ birthtimeMs: now() }));
      if (now() - birthtimeMs >= MIN_AGE_MS && !(await hasWorkflow(pod))) orphans.push(pod);
    }
  }
  return orphans;
}
