/** What a node reads from the API, straight from the store, for a node in the same process. */
import type { NodeApi } from '../activities/node-context.ts';
import type { KubeObject, Pod } from '../pod/types.ts';
import type { Store } from '../store/port.ts';

export function storeApi(store: Store): NodeApi {
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
    async upload(namespace, name) {
      const object = await store.get({ resource: 'uploads.durapod.io', namespace, name });
      return object && Buffer.from(object.data as string, 'base64');
    },
    async serviceAccountToken() {
      throw new Error('service account tokens are not issued by this node');
    },
  };
}
