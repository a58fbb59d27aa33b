/** POST of a TokenRequest to a service account: `kubectl create token`. */
import { invalid as invalidField } from '../../pod/field-error.ts';
import type { KubeObject } from '../../pod/types.ts';
import { apiVersionOf, decodeObject } from '../decode/object.ts';
import { parsedBody } from '../decode/request.ts';
import { fieldValidation } from '../decode/write-options.ts';
import { accepted } from '../encode/accept.ts';
import { conflict, invalid, notFound } from '../errors.ts';
import { placed } from '../objects/create.ts';
import { timestamp } from '../objects/time.ts';
import { type Handler, keyOf, type Scope, show } from '../scope.ts';
import { grantToken } from '../service-accounts/token-request.ts';

const TOKEN_REQUEST = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };

export const requestToken: Handler = async (scope) => {
  const { deps, namespace, name, request, query } = scope;
  const format = accepted(request.headers.get('accept'));
  const body = await parsedBody(deps.schema, request);
  const sent = decodeObject(deps.schema, TOKEN_REQUEST, body, fieldValidation(query), scope.warn);
  const { uid } = (await accountOf(scope, sent)).metadata;
  const granted = await grantToken(deps, namespace, name, sent.spec ?? {});
  const metadata = { name, namespace, uid, creationTimestamp: timestamp(deps.now()) };
  const { kind } = TOKEN_REQUEST;
  return show(scope, { kind, apiVersion: apiVersionOf(TOKEN_REQUEST), metadata, ...granted }, format, 201);
};

/** Whom the request is for, which it may repeat but not contradict. Throws 400, 404, 409 and 422. */
async function accountOf(scope: Scope, { metadata: asked }: KubeObject): Promise<KubeObject> {
  const { resource, namespace, name } = scope;
  placed(asked.namespace, namespace, true);
  if (asked.name && asked.name !== name) {
    const why = 'must match the service account name if specified';
    throw invalid(TOKEN_REQUEST, name, [invalidField('metadata.name', asked.name, why)]);
  }
  const account = await scope.store.get(keyOf(scope));
  if (!account) throw notFound(resource, name);
  const { uid } = account.metadata;
  if (asked.uid && asked.uid !== uid) {
    const why = `the UID in the token request (${asked.uid}) does not match the UID of the service account (${uid})`;
    throw conflict({ ...TOKEN_REQUEST, plural: TOKEN_REQUEST.kind }, name, why);
  }
  return account;
}
