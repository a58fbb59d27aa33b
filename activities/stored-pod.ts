/** One Pod in the store, by its uid: another of the same name is not it. */
import type { Pod, PodRef } from '../pod/types.ts';
import { type DELETE, type Key, NotFound, type Store, type StoredObject } from '../store/port.ts';

function keyOf({ namespace, name }: PodRef): Key {
  return { resource: 'pods', namespace, name };
}

export async function podOf(store: Store, ref: PodRef): Promise<Pod | undefined> {
  const pod = (await store.get(keyOf(ref))) as Pod | undefined;
  return pod?.metadata.uid === ref.uid ? pod : undefined;
}

/** Changes the Pod if it is still the one of this uid. */
export async function updatePod(
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
