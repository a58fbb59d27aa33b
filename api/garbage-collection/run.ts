/**
 * Follows what objects say of their owners and of their end, and does what follows from it (upstream's garbage
 * collector; Kubernetes docs, "Garbage Collection").
 */
import type { Log } from '../../pod/log.ts';
import type { KubeObject } from '../../pod/types.ts';
import { allOf } from '../../store/all-of.ts';
import { keepFollowing } from '../../store/keep-following.ts';
import type { Change, Store } from '../../store/port.ts';
import { resources } from '../registry/index.ts';
import { Retrying } from '../retrying.ts';
import { type CollectDeps, collect } from './collect.ts';
import { memberOf, OwnerGraph } from './graph.ts';

const collected = new Map(
  resources.filter(({ strategy }) => !strategy.deletion.ownsNothing).map((resource) => [resource.storage, resource]),
);

interface RunDeps extends CollectDeps {
  log: Log;
}

/** Runs until the signal aborts; what fails is logged and tried again. */
export async function runGarbageCollection(deps: RunDeps, signal: AbortSignal): Promise<void> {
  let graph = new OwnerGraph();
  const work = new Retrying(
    (uid) => collect(deps, graph, uid),
    (uid, err, againInMs) => {
      const { resource, namespace, name } = graph.get(uid) ?? {};
      deps.log.warn({ err, kind: resource?.kind, namespace, name, againInMs }, 'collecting garbage failed');
    },
  );
  const follow = async (): Promise<void> => {
    const since = await deps.store.revision();
    // One that is not whole yet would let owners go before their dependents.
    graph = await graphOf(deps.store);
    const attend = async (uids: string[]) => {
      for (const uid of uids) if (!signal.aborted) await work.attend(uid);
    };
    await attend(graph.unsettled());
    for await (const change of deps.store.watch({ since, signal, resources: [...collected.keys()] })) {
      await attend(taken(graph, change));
    }
  };
  await Promise.all([keepFollowing('owners', follow, deps.log, signal), work.run(signal)]);
}

/** Of all objects that there are. */
async function graphOf(store: Store): Promise<OwnerGraph> {
  const graph = new OwnerGraph();
  for (const resource of collected.values()) {
    for await (const object of allOf(store, resource.storage)) graph.put(memberOf(resource, object as KubeObject));
  }
  return graph;
}

/** The uids of those that a change gives something to do with. */
function taken(graph: OwnerGraph, { type, key, object }: Change): string[] {
  const resource = collected.get(key.resource);
  if (!resource) return [];
  const member = memberOf(resource, object as KubeObject);
  return type === 'DELETED' ? graph.remove(member.uid) : graph.put(member);
}
