/** Acting as somebody else (`kubectl --as`, `--as-group`, `--as-uid`): Kubernetes docs, "User impersonation". */
import type { ResourceAttributes } from './attributes.ts';
import { demand } from './authorize.ts';
import type { ApiDeps, Identity } from './deps.ts';
import { badRequest } from './errors.ts';

const prefix = 'impersonate-';
const extraPrefix = `${prefix}extra-`;
const account = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** Tells who a request is for: whom its headers name, if who sent it may act as others. */
export const impersonating =
  (identify: ApiDeps['identify']): ApiDeps['identify'] =>
  async (request, env) => {
    const asker = await identify(request, env);
    return asker && impersonated(asker, request);
  };

/** Throws 400 for headers that name nobody, 403 when `asker` may not act as others. */
function impersonated(asker: Identity, { headers }: Request): Identity {
  const named = [...headers].filter(([name]) => name.startsWith(prefix));
  if (named.length === 0) return asker;
  const name = headers.get(`${prefix}user`);
  if (!name) throw badRequest(`${named[0]![0]} without impersonating a user: name one (Impersonate-User)`);
  const groups = listed(headers.get(`${prefix}group`));
  const uid = headers.get(`${prefix}uid`);
  const extra = named
    .filter(([header]) => header.startsWith(extraPrefix))
    .map(([header, value]): [string, string[]] => [decoded(header.slice(extraPrefix.length)), listed(value)]);
  for (const attributes of acts(name, groups, uid, extra)) demand(asker, attributes);
  return {
    name,
    groups: groupsOf(name, groups),
    ...(uid ? { uid } : {}),
    ...(extra.length > 0 ? { extra: Object.fromEntries(extra) } : {}),
  };
}

/** What one must be allowed to do to act so: each part of an identity is a thing of its own. */
function acts(name: string, groups: string[], uid: string | null, extra: [string, string[]][]): ResourceAttributes[] {
  const [, namespace, accountName] = account.exec(name) ?? [];
  const core = { verb: 'impersonate', group: '' };
  const authentication = { verb: 'impersonate', group: 'authentication.k8s.io' };
  return [
    namespace
      ? { ...core, resource: 'serviceaccounts', namespace, name: accountName }
      : { ...core, resource: 'users', name },
    ...groups.map((group) => ({ ...core, resource: 'groups', name: group })),
    ...(uid ? [{ ...authentication, resource: 'uids', name: uid }] : []),
    ...extra.flatMap(([subresource, values]) =>
      values.map((value) => ({ ...authentication, resource: 'userextras', subresource, name: value })),
    ),
  ];
}

/** Values of a header that is there several times come as one. */
const listed = (value: string | null): string[] => value?.split(', ').filter(Boolean) ?? [];

function groupsOf(name: string, asked: string[]): string[] {
  const namespace = asked.length === 0 ? account.exec(name)?.[1] : undefined;
  const groups = namespace ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] : asked;
  const everybody = name === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  const isSaid = groups.includes(everybody) || groups.includes('system:unauthenticated');
  return isSaid ? groups : [...groups, everybody];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
