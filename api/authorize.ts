/**
 * What who is known may do: rules as Kubernetes' roles have them, which requests are held against and which reviews tell.
 * There is nothing here to give anybody more with.
 */
import { createMiddleware } from 'hono/factory';
import { type Attributes, attributesOf, type PathAttributes, type ResourceAttributes } from './attributes.ts';
import type { AppEnv, Identity } from './deps.ts';
import { ApiError } from './errors.ts';

export interface ResourceRule {
  verbs: string[];
  apiGroups: string[];
  /** `*`, a plural, or a plural and a subresource (`pods/log`). */
  resources: string[];
}

export interface PathRule {
  verbs: string[];
  /** `*` at the end stands for anything. */
  nonResourceURLs: string[];
}

/** What one may do, and why no more or no less. */
export interface Role {
  resourceRules: readonly ResourceRule[];
  nonResourceRules: readonly PathRule[];
  why: string;
}

/** People and nodes: durapod is one user's machine. */
const everything: Role = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  why: 'durapod lets every person and node do everything',
};

const health = ['/healthz', '/livez', '/readyz', '/version', '/version/'];

/** Service accounts, whose tokens lie in containers: upstream's `system:discovery` and `system:basic-user`. */
const discovery: Role = {
  resourceRules: [
    {
      verbs: ['create'],
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
    },
    { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
  ],
  nonResourceRules: [
    {
      verbs: ['get'],
      nonResourceURLs: [...health, '/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*'],
    },
  ],
  why: 'service accounts may only look at what is served here, and ask about themselves',
};

/** Whom somebody acts as who is nobody (upstream's `system:public-info-viewer`); real strangers do not come this far. */
const publicInfo: Role = {
  resourceRules: [],
  nonResourceRules: [{ verbs: ['get'], nonResourceURLs: health }],
  why: 'who is not known may only look at health and version',
};

/** The role of somebody. */
export function roleOf({ groups }: Pick<Identity, 'groups'>): Role {
  if (groups.includes('system:unauthenticated')) return publicInfo;
  return groups.includes('system:serviceaccounts') ? discovery : everything;
}

/** Whether somebody may do something. */
export function isAllowed(identity: Identity, attributes: Attributes): boolean {
  const { resourceRules, nonResourceRules } = roleOf(identity);
  return 'path' in attributes
    ? nonResourceRules.some((rule) => allowsPath(rule, attributes))
    : resourceRules.some((rule) => allowsResource(rule, attributes));
}

const names = (values: readonly string[], value: string): boolean => values.includes('*') || values.includes(value);

function allowsResource(rule: ResourceRule, { verb, group, resource, subresource }: ResourceAttributes): boolean {
  const asked = subresource ? `${resource}/${subresource}` : resource;
  return names(rule.verbs, verb) && names(rule.apiGroups, group) && names(rule.resources, asked);
}

function allowsPath({ verbs, nonResourceURLs }: PathRule, { verb, path }: PathAttributes): boolean {
  const covers = (url: string) => url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1)));
  return names(verbs, verb) && nonResourceURLs.some(covers);
}

/** Throws 403 unless somebody may do something. */
export function demand(identity: Identity, attributes: Attributes): void {
  if (isAllowed(identity, attributes)) return;
  const why = `User "${identity.name}" cannot ${wordsFor(attributes)}: ${roleOf(identity).why}`;
  if ('path' in attributes) throw new ApiError(403, 'Forbidden', `forbidden: ${why}`);
  const { group, resource, name } = attributes;
  const qualified = group ? `${resource}.${group}` : resource;
  throw new ApiError(403, 'Forbidden', `${qualified}${name ? ` "${name}"` : ''} is forbidden: ${why}`, {
    ...(name ? { name } : {}),
    ...(group ? { group } : {}),
    kind: resource,
  });
}

function wordsFor(attributes: Attributes): string {
  if ('path' in attributes) return `${attributes.verb} path "${attributes.path}"`;
  const { verb, group, resource, subresource, namespace } = attributes;
  const what = subresource ? `${resource}/${subresource}` : resource;
  const where = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope';
  return `${verb} resource "${what}" in API group "${group}" ${where}`;
}

/** Lets the request pass, or answers 403. Upgrades never come here: they ask by themselves. */
export const authorize = createMiddleware<AppEnv>(async (c, next) => {
  const { path, method } = c.req;
  demand(c.get('identity'), attributesOf(method, path, new URL(c.req.url).searchParams));
  await next();
});
