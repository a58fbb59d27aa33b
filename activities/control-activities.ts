/** The control side's activities: local to the workflow's worker, on the store. */
import type { Binding, ControlActivities, NodeControlActivities, PodEvent } from '../pod/contract.ts';
import { chooseNode } from '../pod/schedule.ts';
import type { Node, Pod, PodRef, PodStatus } from '../pod/types.ts';
import { DELETE, type Key, NotFound, type Store, type StoredObject } from '../store/port.ts';
import { writeEvent } from './events.ts';
import { publishNode } from './node-status.ts';

export function controlActivities(store: Store): ControlActivities & NodeControlActivities {
  return {
    bindPod: (pod) => bindPod(store, pod),
    publish: (input) => publish(store, input),
    deletePod: (pod) => deletePod(store, pod),
    publishNode: (input) => publishNode(store, input),
  };
}

function keyOf({ namespace, name }: PodRef): Key {
  return { resource: 'pods', namespace, name };
}

async function podOf(store: Store, ref: PodRef): Promise<Pod | undefined> {
  const pod = (await store.get(keyOf(ref))) as Pod | undefined;
  return pod?.metadata.uid === ref.uid ? pod : undefined;
}

/** Changes the Pod if it is still the one of this uid. */
async function updatePod(
  store: Store,
  ref: PodRef,
  change: (pod: Pod) => Pod | typeof DELETE | undefined,
): Promise<Pod | undefined> {
  try {
    const mutate = (current: StoredObject) =>
      current.metadata.uid === ref.uid ? (change(current as Pod) as StoredObject) : undefined;
    const result = await store.update(keyOf(ref), mutate, 'workflow');
    return result.metadata.uid === ref.uid ? (result as Pod) : undefined;
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

async function bindPod(store: Store, ref: PodRef): ReturnType<ControlActivities['bindPod']> {
  const pod = await podOf(store, ref);
  if (!pod) return { gone: true };
  const nodes = (await store.list('nodes')).items as unknown as Node[];
  const choice = chooseNode(pod, nodes);
  if ('unschedulable' in choice) return choice;
  const nodeName = choice.node.metadata.name ?? '';
  await updatePod(store, ref, (current) => ({ ...current, spec: { ...current.spec, nodeName } }));
  const hostIPs = (choice.node.status?.addresses ?? []).filter((a) => a.type === 'InternalIP').map((a) => a.address);
  const binding: Binding = { nodeName, hostIP: hostIPs[0] ?? '', hostIPs };
  return { binding };
}

async function publish(
  store: Store,
  { pod: ref, status, events }: { pod: PodRef; status?: PodStatus; events: PodEvent[] },
): Promise<{ gone: boolean }> {
  const pod = status ? await updatePod(store, ref, (current) => withStatus(current, status)) : await podOf(store, ref);
  await Promise.all(events.map((event) => writeEvent(store, ref, event, pod?.spec.nodeName)));
  return { gone: pod === undefined };
}

/** Others' conditions (readiness gates) and what the API wrote (qosClass, resize) stay. */
function withStatus(pod: Pod, status: PodStatus): Pod {
  const { reason: _reason, message: _message, ...before } = pod.status ?? {};
  const owned = new Set((status.conditions ?? []).map((c) => c.type));
  const foreign = (before.conditions ?? []).filter((c) => !owned.has(c.type));
  return { ...pod, status: { ...before, ...status, conditions: [...(status.conditions ?? []), ...foreign] } };
}

async function deletePod(store: Store, ref: PodRef): Promise<{ gone: boolean }> {
  let kept = false;
  await updatePod(store, ref, (pod) => {
    kept = (pod.metadata.finalizers?.length ?? 0) > 0;
    return kept ? undefined : DELETE;
  });
  return { gone: !kept };
}
