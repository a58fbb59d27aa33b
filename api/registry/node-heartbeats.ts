/**
 * When a node was heard of last. Its lease is renewed as long as it is, and its conditions show so when they are read:
 * a write of the node for this alone would wake all who follow nodes.
 */
import { kubeTime } from '../../pod/time.ts';
import type { Node } from '../../pod/types.ts';
import type { Store, StoredObject } from '../../store/port.ts';

/** Where the leases of nodes are, by the nodes' names. */
export const NODE_LEASES = { resource: 'leases.coordination.k8s.io', namespace: 'kube-node-lease' };

/** Those that a node says of itself; others may write theirs beside them. */
const OWN_CONDITIONS = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'];

/** Shows nodes with the heartbeats that their leases tell of. */
export async function withHeartbeats(store: Pick<Store, 'list'>): Promise<(node: StoredObject) => StoredObject> {
  const { items } = await store.list(NODE_LEASES.resource, { namespace: NODE_LEASES.namespace });
  const renewed = new Map(items.map(({ metadata, spec }) => [metadata.name, Date.parse(spec?.renewTime)]));
  return (object) => {
    const { metadata, status } = object as unknown as Node;
    const heard = renewed.get(metadata.name);
    if (!heard || !status?.conditions) return object;
    const conditions = status.conditions.map((condition) => {
      const { type, lastHeartbeatTime } = condition;
      const isNewer = OWN_CONDITIONS.includes(type) && heard > Date.parse(lastHeartbeatTime ?? '');
      return isNewer ? { ...condition, lastHeartbeatTime: kubeTime(heard) } : condition;
    });
    return { ...object, status: { ...status, conditions } };
  };
}
