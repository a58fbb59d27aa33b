/** Who holds a service account's token. */
import type { Store } from '../../store/port.ts';
import type { TokenHolder } from '../deps.ts';
import { nodes, pods, secrets, serviceaccounts } from '../registry/index.ts';
import type { Resource } from '../registry/resource.ts';
import { accountName, type Bound, type ReadToken, type TokenIssuer } from './token-issuer.ts';
import { keyOf } from './token-request.ts';

/** How long a token outlives the Pod or Secret that is being deleted, ms (as upstream). */
const leewayMs = 60_000;

/**
 * The account whose token it is; undefined when it is none of ours, has expired, is for others than `audiences`, or when
 * the account or an object it is bound to has gone.
 */
export async function accountOf(
  { store, tokens, now }: { store: Store; tokens: TokenIssuer; now(): Date },
  token: string,
  audiences?: string[],
): Promise<TokenHolder | undefined> {
  const read = await tokens.read(token, audiences);
  if (!read) return undefined;
  const { namespace, serviceaccount, pod, secret, node } = read.claims;
  const alive = await Promise.all([
    isThere(serviceaccounts, serviceaccount),
    isThere(pods, pod),
    isThere(secrets, secret),
    // A Pod's token names the node it runs on, and does not end with it.
    pod ? true : isThere(nodes, node),
  ]);
  return alive.every(Boolean) ? identity(read) : undefined;

  async function isThere(resource: Resource, bound: Bound | undefined): Promise<boolean> {
    if (!bound) return true;
    const object = await store.get(keyOf(resource, namespace, bound.name));
    if (object?.metadata.uid !== bound.uid) return false;
    const { deletionTimestamp } = object.metadata;
    return !deletionTimestamp || Date.parse(deletionTimestamp) + leewayMs > now().getTime();
  }
}

function identity({ claims, audiences, id }: ReadToken): TokenHolder {
  const { namespace, serviceaccount, pod, node } = claims;
  const extra: Record<string, string[]> = { 'authentication.kubernetes.io/credential-id': [`JTI=${id}`] };
  for (const [kind, bound] of Object.entries({ pod, node })) {
    if (!bound) continue;
    extra[`authentication.kubernetes.io/${kind}-name`] = [bound.name];
    extra[`authentication.kubernetes.io/${kind}-uid`] = [bound.uid];
  }
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return { name: accountName(claims), uid: serviceaccount.uid, groups, extra, audiences };
}
