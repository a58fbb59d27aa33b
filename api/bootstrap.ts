/** What is there from the start: the namespaces every cluster has, and the API's own Service. */
import type { KubeObject } from '../pod/types.ts';
import { AlreadyExists, type Store } from '../store/port.ts';
import { identified } from './objects/create.ts';
import { apiServiceIP } from './registry/cluster-ip.ts';
import { namespaces, services } from './registry/index.ts';
import type { Resource } from './registry/resource.ts';

const names = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export interface BootstrapOptions {
  now(): Date;
  /** The port the API listens on. */
  port: number;
}

/** Creates what is missing. Safe to repeat, and by several processes at once. */
export async function bootstrap(store: Store, options: BootstrapOptions): Promise<void> {
  for (const name of names) await ensure(store, namespaces, '', { metadata: { name } }, options);
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  const ports = [{ name: 'https', port: 443, protocol: 'TCP', targetPort: options.port }];
  const service = { metadata: { name: 'kubernetes', labels }, spec: { clusterIP: apiServiceIP, ports } };
  await ensure(store, services, 'default', service, options);
}

/** Stores the object unless one of its name is there. */
export async function ensure(
  store: Store,
  resource: Resource,
  namespace: string,
  given: KubeObject,
  { now }: Pick<BootstrapOptions, 'now'>,
): Promise<void> {
  const key = { resource: resource.storage, namespace, name: given.metadata.name ?? '' };
  if (await store.get(key)) return;
  const { defaults, create } = resource.strategy;
  const named = identified({ apiVersion: 'v1', kind: resource.kind, ...given }, resource.namespaced, namespace, now());
  const defaulted = defaults?.(named) ?? named;
  const object = (await create.prepare?.(defaulted, { store, now })) ?? defaulted;
  await store.create(key, object, 'client').catch((error) => {
    if (!(error instanceof AlreadyExists)) throw error;
  });
}
