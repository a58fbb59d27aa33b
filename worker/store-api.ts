/** What a node has of the API, straight on the store, for a node in the same process. */
import { writeEvent } from '../activities/events.ts';
import type { NodeApi } from '../activities/node-context.ts';
import type { KubeObject, Pod } from '../pod/types.ts';
import type { Store } from '../store/port.ts';

export function storeApi(store: Store, serviceAccountToken: NodeApi['serviceAccountToken']): NodeApi {
  return {
    async pod(ref) {
      const pod = (await store.get({ resource: 'pods', namespace: ref.namespace, name: ref.name })) as Pod | undefined;
      return pod?.metadata.uid === ref.uid ? pod : undefined;
    },
    async read(resource, namespace, name) {
      return (await store.get({ resource, namespace, name })) as KubeObject | undefined;
    },
    async list(resource, namespace) {
      return (await store.list(resource, { namespace })).items as KubeObject[];
    },
    upload: (namespace, name) => readUpload(store, namespace, name),
    serviceAccountToken,
    writeEvent: (pod, event, host) => writeEvent(store, pod, event, host),
  };
}

/** The content of a file that was handed to the API. */
export async function readUpload(store: Store, namespace: string, name: string): Promise<Uint8Array | undefined> {
  const object = await store.get({ resource: 'uploads.durapod.io', namespace, name });
  return object && Buffer.from(object.data as string, 'base64');
}
