/** Admission of a Pod by its service account. */
import { setTimeout as sleep } from 'node:timers/promises';
import { API_ACCESS_PREFIX, withServiceAccount } from '../../pod/service-account.ts';
import type { KubeObject, Pod } from '../../pod/types.ts';
import type { Store } from '../../store/port.ts';
import { ApiError } from '../errors.ts';
import { generatedName } from '../objects/create.ts';
import { serviceaccounts } from '../registry/accounts.ts';

/** A new namespace's own account comes a moment after it. */
const waits = 20;
const waitMs = 50;

/** The Pod with what its account gives. Throws 403 when there is no such account. */
export async function admitServiceAccount(pod: KubeObject, store: Store): Promise<KubeObject> {
  const { namespace = '' } = pod.metadata;
  const name: string = pod.spec.serviceAccountName;
  const key = { resource: serviceaccounts.storage, namespace, name };
  for (let i = 0; i <= waits; i++) {
    const account = await store.get(key);
    if (account) return withServiceAccount(pod as Pod, account as KubeObject, generatedName(API_ACCESS_PREFIX));
    if (name !== 'default') break;
    await sleep(waitMs);
  }
  throw new ApiError(
    403,
    'Forbidden',
    `pods "${pod.metadata.name ?? ''}" is forbidden: error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`,
    { name: pod.metadata.name, kind: 'pods' },
  );
}
