/** What a request is about, as rules know it (Kubernetes docs, "Authorization": request attributes). */
import { flag } from './decode/options.ts';

/** An action on objects of a kind that is served, or is not. */
export interface ResourceAttributes {
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
}

/** A method on a path with no kind behind it. */
export interface PathAttributes {
  verb: string;
  path: string;
}

export type Attributes = ResourceAttributes | PathAttributes;

const verbs: Record<string, string> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
/** What is below a namespace without being in it. */
const namespaceSubresources = ['status', 'finalize'];

/** Reads them off a method and an address, whether anything is served there or not. */
export function attributesOf(method: string, path: string, query: URLSearchParams): Attributes {
  const [root, ...rest] = path.split('/').filter(Boolean);
  const [version, ...parts] = root === 'apis' ? rest.slice(1) : rest;
  if ((root !== 'api' && root !== 'apis') || !version || parts.length === 0)
    return { verb: method.toLowerCase(), path };
  const namespace = parts[0] === 'namespaces' ? parts[1] : undefined;
  const isWithin = namespace && parts.length > 2 && !namespaceSubresources.includes(parts[2]!);
  const [resource = '', name, subresource] = isWithin ? parts.slice(2) : parts;
  return {
    verb: verbOf(method, name, query),
    group: root === 'apis' ? rest[0]! : '',
    resource,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
  };
}

function verbOf(method: string, name: string | undefined, query: URLSearchParams): string {
  const verb = verbs[method] ?? '';
  if (name) return verb;
  if (verb === 'get') return flag(query, 'watch') ? 'watch' : 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}
