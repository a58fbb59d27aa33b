/**
 * Removes one Pod that is due. What was decided is checked again against the store: what was followed may lag behind,
 * and several processes may do the same.
 */
import type { Node, Pod } from '../../pod/types.ts';
import { type Mutation, NotFound, type Store, type Writer } from '../../store/port.ts';
import { planDeletion } from '../objects/deletion.ts';
import { nodes, pods } from '../registry/index.ts';
import { type Due, factsOf, failed, holds, type NodeState, nodeState } from './decide.ts';

export interface CollectDeps {
  store: Store;
  now(): Date;
}

/** Marks the Pod as failed where it is not over, for those who watch it, and deletes it without grace. Safe to repeat. */
export async function collect({ store, now }: CollectDeps, { pod, cause }: Due): Promise<void> {
  const { uid, namespace, name } = pod;
  const node = await stateOf(store, pod.nodeName);
  const write = (by: Writer, change: (current: Pod) => Mutation) =>
    store.update(
      { resource: pods.storage, namespace, name },
      (current) =>
        current.metadata.uid === uid && holds(cause, factsOf(current as Pod), node)
          ? change(current as Pod)
          : undefined,
      by,
    );
  try {
    // Its workflow is not told: it would write what it knows over this, before the Pod goes.
    await write('workflow', (current) => failed(current, cause, now()));
    await write('client', (current) => planDeletion(pods, current, { gracePeriodSeconds: 0 }, now()));
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
  }
}

async function stateOf(store: Store, name: string | undefined): Promise<NodeState | undefined> {
  if (!name) return undefined;
  const node = await store.get({ resource: nodes.storage, namespace: '', name });
  return node ? nodeState(node as Node) : 'gone';
}
