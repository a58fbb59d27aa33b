/**
 * What who is known may do. People and nodes: everything, durapod is one user's machine. Service accounts, whose tokens
 * lie in containers: only what Kubernetes lets every one of them do unless it was given more (its role
 * `system:discovery`, and questions about oneself); there is nothing here to give them more with.
 */
import { createMiddleware } from 'hono/factory';
import type { AppEnv, Identity } from './deps.ts';
import { ApiError } from './errors.ts';

const readable = /^\/(api|apis|openapi|version|healthz|livez|readyz)(\/[^/]+){0,2}$/;
/** Below a version of a group there are objects. */
const objects = /^\/(api\/[^/]+|apis\/[^/]+\/[^/]+)\/./;
const aboutOneself = /^\/apis\/(authentication|authorization)\.k8s\.io\/v1\/selfsubject[a-z]+$/;

/** True for those who may do everything. Strangers are whom somebody acts as: nobody else is one. */
export const mayDoAll = ({ groups }: Identity): boolean =>
  !groups.includes('system:serviceaccounts') && !groups.includes('system:unauthenticated');

/** Throws 403 unless who asks may do everything. */
export function demandAll(identity: Identity, method: string, path: string): void {
  if (mayDoAll(identity)) return;
  const why = 'service accounts may only look at what is served here; use the kubeconfig of a person';
  throw new ApiError(403, 'Forbidden', `forbidden: User "${identity.name}" cannot ${method} path "${path}": ${why}`);
}

/** Lets the request pass, or answers 403. Upgrades never come here: they ask by themselves. */
export const authorize = createMiddleware<AppEnv>(async (c, next) => {
  const { path, method } = c.req;
  const trimmed = path.replace(/\/+$/, '');
  const isDiscovery = method === 'GET' && readable.test(trimmed) && !objects.test(trimmed);
  const isAboutOneself = method === 'POST' && aboutOneself.test(trimmed);
  if (!isDiscovery && !isAboutOneself) demandAll(c.get('identity'), method, path);
  await next();
});
