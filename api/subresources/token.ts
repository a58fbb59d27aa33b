/** POST of a TokenRequest to a service account: `kubectl create token`. */
import { apiVersionOf, decodeObject } from '../decode/object.ts';
import { parsedBody } from '../decode/request.ts';
import { fieldValidation } from '../decode/write-options.ts';
import { accepted } from '../encode/accept.ts';
import { timestamp } from '../objects/time.ts';
import { type Handler, show } from '../scope.ts';
import { grantToken } from '../service-accounts/token-request.ts';

const TOKEN_REQUEST = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };

export const requestToken: Handler = async (scope) => {
  const { deps, namespace, name, request, query } = scope;
  const format = accepted(request.headers.get('accept'));
  const body = await parsedBody(deps.schema, request);
  const sent = decodeObject(deps.schema, TOKEN_REQUEST, body, fieldValidation(query), scope.warn);
  const granted = await grantToken(deps, namespace, name, sent.spec ?? {});
  const metadata = { name, namespace, creationTimestamp: timestamp(deps.now()) };
  const { kind } = TOKEN_REQUEST;
  return show(scope, { kind, apiVersion: apiVersionOf(TOKEN_REQUEST), metadata, ...granted }, format, 201);
};
