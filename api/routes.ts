/** Every path of every resource, and the verb behind it. */
import type { Context } from 'hono';
import { flag } from './decode/options.ts';
import type { ApiDeps, App, AppEnv } from './deps.ts';
import { methodNotAllowed } from './errors.ts';
import { type Operation, operationsOf } from './registry/operations.ts';
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

/** Mounts a resource's collection, its objects and what is below them. */
export function mountResource(app: App, shared: Shared, resource: Resource): void {
  const operations = operationsOf(resource);
  for (const operation of operations) {
    const { method, verb, sub } = operation;
    const handler = handlerOf(resource, operation);
    if (!handler) continue;
    const label = sub ? `${resource.plural}/${sub.name}` : resource.plural;
    app.on(method, routeOf(operation), (c) => {
      const isWatch = verb === 'list' && flag(new URL(c.req.url).searchParams, 'watch');
      return isWatch ? run(c, shared, resource, 'watch', label, watch) : run(c, shared, resource, verb, label, handler);
    });
  }
  for (const operation of operations) {
    app.all(routeOf(operation), (c) => {
      const { sub } = operation;
      throw methodNotAllowed(resource, c.req.method, sub ? `on ${resource.plural}/${sub.name}` : '');
    });
  }
}

const routeOf = ({ path }: Operation): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

const handlers: Partial<Record<Verb, Handler>> = {
  create,
  delete: remove,
  deletecollection: removeCollection,
  get,
  list,
};

/** What answers an operation; undefined for streams, which are mounted by themselves. */
function handlerOf({ storage, strategy }: Resource, { verb, sub }: Operation): Handler | undefined {
  if (sub?.isStream) return undefined;
  if (sub && !sub.update) return actions[storage]?.[sub.name];
  const side = sub?.update ?? strategy.update;
  if (verb === 'update') return update(side, sub?.name);
  return verb === 'patch' ? patch(side, sub?.name) : handlers[verb];
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
