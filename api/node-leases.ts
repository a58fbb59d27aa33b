/**
 * Leases of nodes (https://kubernetes.io/docs/concepts/architecture/leases/#node-heart-beats). A node's heartbeat is
 * Temporal's; its Ready condition says whether it comes, and as long as it does the lease is renewed here for those who
 * look at leases.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isTrue } from '../pod/is-true.ts';
import type { Log } from '../pod/log.ts';
import type { Node } from '../pod/types.ts';
import { AlreadyExists, type Store, type StoredObject } from '../store/port.ts';
import { identified } from './objects/create.ts';
import { leases, nodes } from './registry/index.ts';
import { NODE_LEASES } from './registry/node-heartbeats.ts';

const DURATION_SECONDS = 40;
const RENEW_EVERY_MS = 10_000;

interface LeaseDeps {
  store: Store;
  now(): Date;
  log: Log;
}

/** Renews until the signal aborts. */
export async function runNodeLeases(deps: LeaseDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await renewLeases(deps).catch((err) => deps.log.warn({ err }, 'renewing node leases failed, trying again'));
    await sleep(RENEW_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

/** Creates or renews the lease of each node that is Ready. */
export async function renewLeases({ store, now }: LeaseDeps): Promise<void> {
  const { items } = await store.list(nodes.storage);
  for (const node of items as unknown as Node[]) {
    if (!isTrue(node.status?.conditions, 'Ready')) continue;
    await renew(store, node, now());
  }
}

async function renew(store: Store, { metadata }: Node, now: Date): Promise<void> {
  const name = metadata.name ?? '';
  const key = { ...NODE_LEASES, name };
  // A MicroTime: six digits.
  const renewTime = now.toISOString().replace('Z', '000Z');
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid: metadata.uid ?? '' }];
  const renewed = (lease: StoredObject): StoredObject => ({
    ...lease,
    metadata: { ...lease.metadata, ownerReferences },
    spec: { ...lease.spec, holderIdentity: name, leaseDurationSeconds: DURATION_SECONDS, renewTime },
  });
  if (await store.get(key)) {
    await store.update(key, renewed, 'workflow');
    return;
  }
  const fresh = { apiVersion: 'coordination.k8s.io/v1', kind: leases.kind, metadata: { name } };
  await store.create(key, renewed(identified(fresh, true, NODE_LEASES.namespace, now)), 'workflow').catch((error) => {
    if (!(error instanceof AlreadyExists)) throw error;
  });
}
