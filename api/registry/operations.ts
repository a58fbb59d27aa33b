/** Every path that is served for a kind, and what is done there: routes are mounted from it, OpenAPI is written from it. */
import { rootOf } from './index.ts';
import type { Resource, Subresource, Verb } from './resource.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Operation {
  /** With `{namespace}`, `{name}`, and `{path}` for whatever comes behind. */
  path: string;
  method: Method;
  /** A list may be a watch as well. */
  verb: Verb;
  sub?: Subresource & { name: string };
}

const methods: Record<Verb, Method> = {
  create: 'POST',
  delete: 'DELETE',
  deletecollection: 'DELETE',
  get: 'GET',
  list: 'GET',
  patch: 'PATCH',
  update: 'PUT',
  watch: 'GET',
};
const onCollection: readonly Verb[] = ['list', 'create', 'deletecollection'];
const onObject: readonly Verb[] = ['get', 'update', 'patch', 'delete'];

/** The operations of a resource: on its collection, over all namespaces, on an object, and below one. */
export function operationsOf(resource: Resource): Operation[] {
  const { plural, namespaced, verbs, subresources } = resource;
  const root = rootOf(resource);
  const collection = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`;
  const object = `${collection}/{name}`;
  const at = (path: string, verbs: readonly Verb[], sub?: Operation['sub']): Operation[] =>
    verbs.map((verb) => ({ path, method: methods[verb], verb, ...(sub ? { sub } : {}) }));
  return [
    ...(namespaced ? at(`${root}/${plural}`, ['list']) : []),
    ...at(
      collection,
      onCollection.filter((verb) => verbs.includes(verb)),
    ),
    ...at(
      object,
      onObject.filter((verb) => verbs.includes(verb)),
    ),
    ...Object.entries(subresources).flatMap(([name, given]) => {
      const sub = { ...given, name };
      const path = `${object}/${name}`;
      return [...at(path, sub.verbs, sub), ...(sub.hasPathsBelow ? at(`${path}/{path}`, sub.verbs, sub) : [])];
    }),
  ];
}
