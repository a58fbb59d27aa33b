/**
 * Removes Pods that nobody else would (upstream's PodGC controller): it follows Pods and nodes, and looks now and then
 * whether any are due. Several processes may do the same; one that starts anew gives missing nodes their time again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../pod/log.ts';
import type { Node, Pod } from '../../pod/types.ts';
import { allOf } from '../../store/all-of.ts';
import { keepFollowing } from '../../store/keep-following.ts';
import { nodes, pods } from '../registry/index.ts';
import { Census } from './census.ts';
import { type CollectDeps, collect } from './collect.ts';

const LOOK_EVERY_MS = 20_000;

interface RunDeps extends CollectDeps {
  log: Log;
}

interface Pace {
  everyMs?: number;
  /** ms, forward only. */
  clock?(): number;
}

/** Runs until the signal aborts; what fails is logged and tried again. */
export async function runPodCollection(
  deps: RunDeps,
  signal: AbortSignal,
  { everyMs = LOOK_EVERY_MS, clock = () => performance.now() }: Pace = {},
): Promise<void> {
  const { store, log } = deps;
  /** Undefined while not all is known: a node that was not read yet is not missing. */
  let census: Census | undefined;
  const follow = async (): Promise<void> => {
    const since = await store.revision();
    const counted = new Census();
    for await (const node of allOf(store, nodes.storage)) counted.putNode(node as Node);
    for await (const pod of allOf(store, pods.storage)) counted.putPod(pod as Pod);
    census = counted;
    try {
      for await (const change of store.watch({ since, signal, resources: [nodes.storage, pods.storage] })) {
        counted.take(change);
      }
    } finally {
      census = undefined;
    }
  };
  const look = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const due of census?.due(clock()) ?? []) {
      if (signal.aborted) return;
      await collect(deps, due).catch((error) => failures.push(error));
    }
    if (failures.length > 0) log.warn({ err: failures[0], failures: failures.length }, 'collecting Pods failed');
  };
  const looking = async (): Promise<void> => {
    while (!signal.aborted) {
      await look();
      await sleep(everyMs, undefined, { signal }).catch(() => {});
    }
  };
  await Promise.all([keepFollowing('Pods and nodes', follow, log, signal), looking()]);
}
