import type { Node, Pod, PodRef } from '../../pod/types.ts';
import type { Store } from '../../store/port.ts';
import { notFound, unavailable } from '../errors.ts';
import type { NodeAddress } from './node-connector.ts';

/** The Pod as stored. Throws 404. */
export async function readPod(store: Store, namespace: string, name: string): Promise<Pod> {
  const pod = await store.get({ resource: 'pods', namespace, name });
  if (!pod) throw notFound({ group: '', plural: 'pods', kind: 'Pod' }, name);
  return pod as unknown as Pod;
}

/** Where the streaming endpoint of a Pod's node listens, by its Node object. Throws 503 when that says nothing. */
export async function nodeOf(store: Store, pod: Pod): Promise<NodeAddress> {
  const name = pod.spec.nodeName ?? '';
  const node = (await store.get({ resource: 'nodes', namespace: '', name })) as Node | undefined;
  const host = node?.status?.addresses?.find((address) => address.type === 'InternalIP')?.address;
  // Upper-case in the API's own words.
  const port = (node?.status?.daemonEndpoints?.kubeletEndpoint as { Port?: number } | undefined)?.Port;
  if (host && port) return { name, host, port };
  throw unavailable(`node "${name}" has not said where it can be reached: is durapod's node role running there?`);
}

/** What the node's paths are made of. */
export function podPath({ namespace, name, uid }: PodRef): string {
  return [namespace, name, uid].map(encodeURIComponent).join('/');
}

/** The Pod's reference. */
export function refOf({ metadata }: Pod): PodRef {
  return { namespace: metadata.namespace ?? '', name: metadata.name ?? '', uid: metadata.uid ?? '' };
}
