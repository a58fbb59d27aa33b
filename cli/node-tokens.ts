/** How a node gets the tokens that it mounts: bound to their Pod, so that they end with it. */
import type { NodeApi } from '../activities/node-context.ts';
import { grantToken, type TokenDeps, type TokenSpec } from '../api/service-accounts/token-request.ts';
import type { TokenRequest } from '../node/volumes/context.ts';
import { cachedTokens } from '../node/volumes/token-cache.ts';
import type { ApiClient } from './api-client.ts';

type Tokens = NodeApi['serviceAccountToken'];

/** For a node in the control side's process. */
export const localTokens = (deps: TokenDeps): Tokens =>
  cachedTokens(async (request) => {
    const { pod, serviceAccountName } = request;
    return (await grantToken(deps, pod.namespace, serviceAccountName, specOf(request))).status;
  });

/** For a node on another machine. */
export const remoteTokens = (api: ApiClient): Tokens =>
  cachedTokens(async (request) => {
    const [namespace, account] = [request.pod.namespace, request.serviceAccountName].map(encodeURIComponent);
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
    const sent = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: specOf(request) };
    const { code, body } = await api('POST', path, sent);
    if (code === 201) return body.status;
    throw new Error(`the API answered ${code} to POST ${path}: ${body?.message ?? body}`);
  });

const specOf = ({ pod, audience, expirationSeconds }: TokenRequest): TokenSpec => ({
  audiences: audience ? [audience] : [],
  ...(expirationSeconds ? { expirationSeconds } : {}),
  boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod.name, uid: pod.uid },
});
