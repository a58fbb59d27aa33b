import { eventObject } from '../activities/events.ts';
import type { NodeApi } from '../activities/node-context.ts';
import type { App } from '../api/deps.ts';
import { ApiError } from '../api/errors.ts';
import type { Pod } from '../pod/types.ts';
import type { Store } from '../store/port.ts';
import { readUpload } from '../worker/store-api.ts';
import type { ApiAnswer, ApiClient } from './api-client.ts';
import { remoteTokens } from './node-tokens.ts';

/** What is handed to containers passes here, for nodes on other machines. */
const UPLOADS = '/durapod/v1/uploads';

/** What a node has of the API of another machine. Each call rejects when that does not answer as it should. */
export function remoteNodeApi(api: ApiClient): NodeApi {
  async function get(path: string) {
    const { code, body } = await api('GET', path);
    if (code === 200) return body;
    if (code === 404) return undefined;
    throw unexpected(code, 'GET', path, body);
  }
  const path = (...parts: string[]) => `/api/v1/namespaces/${parts.map(encodeURIComponent).join('/')}`;
  /** `runtimeclasses.node.k8s.io` is served below its group. */
  const clusterPath = (resource: string, name: string) => {
    const [plural, ...group] = resource.split('.');
    return `/apis/${group.join('.')}/v1/${plural}/${encodeURIComponent(name)}`;
  };
  return {
    async pod({ namespace, name, uid }) {
      const pod = (await get(path(namespace, 'pods', name))) as Pod | undefined;
      return pod?.metadata.uid === uid ? pod : undefined;
    },
    read: (resource, namespace, name) => get(namespace ? path(namespace, resource, name) : clusterPath(resource, name)),
    list: async (resource, namespace) => (await get(path(namespace, resource)))?.items ?? [],
    async upload(namespace, name) {
      const upload = await get(`${UPLOADS}/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`);
      return upload && Buffer.from(upload.data, 'base64');
    },
    serviceAccountToken: remoteTokens(api),
    async writeEvent(pod, event, host) {
      const object = eventObject(pod, event, host);
      const { metadata, message, count, lastTimestamp } = object;
      const all = path(pod.namespace, 'events');
      if (event.count > 1) {
        const one = `${all}/${encodeURIComponent(metadata.name ?? '')}`;
        const { code, body } = await api(
          'PATCH',
          one,
          { message, count, lastTimestamp },
          'application/merge-patch+json',
        );
        if (code === 200) return;
        // Events expire; one that is said again after that is new.
        if (code !== 404) throw unexpected(code, 'PATCH', one, body);
      }
      const { code, body } = await api('POST', all, object);
      if (code !== 201 && code !== 409) throw unexpected(code, 'POST', all, body);
    },
  };
}

function unexpected(code: number, method: string, path: string, body: ApiAnswer['body']): Error {
  return new Error(`the API answered ${code} to ${method} ${path}: ${body?.message ?? body}`);
}

/** The control side of `upload`: for nodes and administrators. */
export function mountUploads(app: App, store: Store): void {
  app.get(`${UPLOADS}/:namespace/:name`, async (c) => {
    const { groups } = c.get('identity');
    if (!groups.includes('system:nodes') && !groups.includes('system:masters')) {
      throw new ApiError(403, 'Forbidden', 'uploads are read by nodes');
    }
    const { namespace, name } = c.req.param();
    const content = await readUpload(store, namespace, name);
    if (!content) throw new ApiError(404, 'NotFound', `upload "${name}" not found`);
    return c.json({ data: Buffer.from(content).toString('base64') });
  });
}
