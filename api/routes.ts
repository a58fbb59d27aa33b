/** Every path of every resource, and the verb behind it. */
import type { Context } from 'hono';
import { flag } from './decode/options.ts';
import type { ApiDeps, App, AppEnv } from './deps.ts';
import { methodNotAllowed } from './errors.ts';
import { rootOf } from './registry/index.ts';
import type { Resource, Verb } from './registry/resource.ts';
import { type Handler, newScope } from './scope.ts';
import { actions } from './subresources/index.ts';
import { create } from './verbs/create.ts';
import { remove } from './verbs/delete.ts';
import { removeCollection } from './verbs/delete-collection.ts';
import { get } from './verbs/get.ts';
import { list } from './verbs/list.ts';
import { patch } from './verbs/patch.ts';
import { update } from './verbs/update.ts';
import { watch } from './verbs/watch.ts';
import type { ChangeFeed } from './watch/change-feed.ts';

interface Shared {
  deps: ApiDeps;
  feed: ChangeFeed;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Mounts a resource's collection, its objects and what is below them. */
export function mountResource(app: App, shared: Shared, resource: Resource): void {
  const root = rootOf(resource);
  const collection = resource.namespaced
    ? `${root}/namespaces/:namespace/${resource.plural}`
    : `${root}/${resource.plural}`;
  const { update: strategy } = resource.strategy;

  const on = (path: string, method: Method, verb: Verb, handler: Handler, label = resource.plural) => {
    app.on(method, path, (c) => run(c, shared, resource, verb, label, handler));
  };
  const listOrWatch = (path: string) => {
    app.get(path, (c) => {
      const watched = flag(new URL(c.req.url).searchParams, 'watch');
      return run(c, shared, resource, watched ? 'watch' : 'list', resource.plural, watched ? watch : list);
    });
  };

  listOrWatch(collection);
  if (resource.namespaced) listOrWatch(`${root}/${resource.plural}`);
  on(collection, 'POST', 'create', create);
  if (resource.verbs.includes('deletecollection')) on(collection, 'DELETE', 'deletecollection', removeCollection);
  refuseOthers(app, resource, collection);

  const object = `${collection}/:name`;
  on(object, 'GET', 'get', get);
  on(object, 'PUT', 'update', update(strategy));
  on(object, 'PATCH', 'patch', patch(strategy));
  on(object, 'DELETE', 'delete', remove);
  refuseOthers(app, resource, object);

  for (const [name, sub] of Object.entries(resource.subresources)) {
    const path = `${object}/${name}`;
    const label = `${resource.plural}/${name}`;
    if (sub.update) {
      if (sub.verbs.includes('get')) on(path, 'GET', 'get', get, label);
      on(path, 'PUT', 'update', update(sub.update, name), label);
      if (sub.verbs.includes('patch')) on(path, 'PATCH', 'patch', patch(sub.update, name), label);
    }
  }
  for (const [name, action] of Object.entries(actions[resource.storage] ?? {})) {
    on(`${object}/${name}`, 'POST', 'create', action, `${resource.plural}/${name}`);
  }
  for (const name of Object.keys({ ...resource.subresources, ...actions[resource.storage] })) {
    refuseOthers(app, resource, `${object}/${name}`, `on ${resource.plural}/${name}`);
  }
}

function refuseOthers(app: App, resource: Resource, path: string, hint = ''): void {
  app.all(path, (c) => {
    throw methodNotAllowed(resource, c.req.method, hint);
  });
}

/** Runs a verb with its scope; the names are kept for the metrics. */
function run(
  c: Context<AppEnv>,
  { deps, feed }: Shared,
  resource: Resource,
  verb: Verb,
  label: string,
  handler: Handler,
): Promise<Response> {
  c.set('verb', verb);
  c.set('resource', label);
  const { namespace = '', name = '' } = c.req.param() as Record<string, string | undefined>;
  const identity = c.get('identity');
  return handler(newScope({ deps, feed, resource, namespace, name, request: c.req.raw, identity }));
}
