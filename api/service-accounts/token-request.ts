/** What becomes of a TokenRequest: the same for clients and for nodes. Source of the rules: KEP-1205. */
import { type FieldError, invalid as invalidField, notSupported } from '../../pod/field-error.ts';
import type { Store, StoredObject } from '../../store/port.ts';
import { ApiError, conflict, invalid, notFound } from '../errors.ts';
import { nodes, pods, secrets, serviceaccounts } from '../registry/index.ts';
import type { Resource } from '../registry/resource.ts';
import { type Bound, ISSUER, type TokenClaims, type TokenIssuer } from './token-issuer.ts';

const defaultSeconds = 3600;
const minSeconds = 600;
const maxSeconds = 2 ** 32;

/** A TokenRequest's spec. */
export interface TokenSpec {
  /** The API itself when absent. */
  audiences?: string[];
  expirationSeconds?: number;
  /** The token is void once this object has gone. */
  boundObjectRef?: { apiVersion?: string; kind?: string; name?: string; uid?: string };
}

/** A TokenRequest's spec as it was granted, with its status. */
export interface GrantedToken {
  spec: Required<Pick<TokenSpec, 'audiences' | 'expirationSeconds'>> & Pick<TokenSpec, 'boundObjectRef'>;
  /** `expirationTimestamp` is RFC 3339. */
  status: { token: string; expirationTimestamp: string };
}

export interface TokenDeps {
  store: Store;
  tokens: TokenIssuer;
  now(): Date;
}

const TOKEN_REQUEST = { group: 'authentication.k8s.io', kind: 'TokenRequest' };
const boundKinds: Record<string, Resource> = { Pod: pods, Secret: secrets, Node: nodes };

/** Throws 404 (no such account or object), 409 (the object is another one by now), 422. */
export async function grantToken(
  { store, tokens, now }: TokenDeps,
  namespace: string,
  name: string,
  spec: TokenSpec,
): Promise<GrantedToken> {
  const { boundObjectRef } = spec;
  const audiences = spec.audiences?.length ? spec.audiences : [ISSUER];
  const expirationSeconds = spec.expirationSeconds ?? defaultSeconds;
  const errors = check(spec, expirationSeconds);
  if (errors.length > 0) throw invalid(TOKEN_REQUEST, name, errors);
  const account = await existing(store, serviceaccounts, namespace, name);
  const claims: TokenClaims = { namespace, serviceaccount: boundTo(account), ...(await bound()) };
  const expires = Math.floor(now().getTime() / 1000) + expirationSeconds;
  const token = await tokens.issue(claims, audiences, expires);
  return {
    spec: { audiences, expirationSeconds, ...(boundObjectRef ? { boundObjectRef } : {}) },
    status: { token, expirationTimestamp: new Date(expires * 1000).toISOString().replace('.000', '') },
  };

  async function bound(): Promise<Partial<TokenClaims>> {
    const { kind = '', name: boundName = '', uid } = boundObjectRef ?? {};
    const resource = boundKinds[kind];
    if (!resource) return {};
    const object = await existing(store, resource, namespace, boundName);
    if (uid && uid !== object.metadata.uid) {
      const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
      throw conflict(resource, boundName, why);
    }
    if (resource !== pods) return { [kind.toLowerCase()]: boundTo(object) };
    if (object.spec.serviceAccountName !== name) {
      const detail = `the Pod ${boundName} runs as ${object.spec.serviceAccountName}, not as ${name}`;
      throw new ApiError(403, 'Forbidden', `cannot bind a token to another account's Pod: ${detail}`);
    }
    const node = object.spec.nodeName && (await store.get(keyOf(nodes, '', object.spec.nodeName)));
    return { pod: boundTo(object), ...(node ? { node: boundTo(node) } : {}) };
  }
}

function check({ boundObjectRef: ref }: TokenSpec, seconds: number): FieldError[] {
  const at = 'spec.expirationSeconds';
  return [
    ...(seconds < minSeconds ? [invalidField(at, seconds, 'may not specify a duration less than 10 minutes')] : []),
    ...(seconds > maxSeconds ? [invalidField(at, seconds, 'may not specify a duration larger than 2^32 seconds')] : []),
    ...(ref && !boundKinds[ref.kind ?? '']
      ? [notSupported('spec.boundObjectRef.kind', ref.kind, Object.keys(boundKinds))]
      : []),
  ];
}

export const keyOf = (resource: Resource, namespace: string, name: string) => ({
  resource: resource.storage,
  namespace: resource.namespaced ? namespace : '',
  name,
});

async function existing(store: Store, resource: Resource, namespace: string, name: string): Promise<StoredObject> {
  const object = await store.get(keyOf(resource, namespace, name));
  if (!object) throw notFound(resource, name);
  return object;
}

const boundTo = ({ metadata }: StoredObject): Bound => ({ name: metadata.name ?? '', uid: metadata.uid ?? '' });
