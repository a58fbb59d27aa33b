/** What a verb works on: the request, the resource it names, and where its writes go. */
import type { Store, StoredObject } from '../store/port.ts';
import { checkWriteOptions } from './decode/write-options.ts';
import type { ApiDeps, Identity } from './deps.ts';
import { type Accepted, accepted } from './encode/accept.ts';
import { includeObject, type Representation, representObject } from './encode/represent.ts';
import { answer, withWarnings } from './encode/respond.ts';
import { dryRunStore } from './objects/dry-run-store.ts';
import type { Resource } from './registry/resource.ts';
import type { ChangeFeed } from './watch/change-feed.ts';

export interface Scope {
  deps: ApiDeps;
  feed: ChangeFeed;
  /** Persists nothing when the request is a dry run. */
  store: Store;
  resource: Resource;
  /** Empty for cluster scope, and for lists over all namespaces. */
  namespace: string;
  /** Empty for collections. */
  name: string;
  request: Request;
  query: URLSearchParams;
  identity: Identity;
  warn(message: string): void;
  warnings: readonly string[];
}

export type Handler = (scope: Scope) => Promise<Response>;

/** The scope of a request. Throws 422 for options of a write that there are not. */
export function newScope(given: Omit<Scope, 'store' | 'query' | 'warn' | 'warnings'>): Scope {
  const query = new URL(given.request.url).searchParams;
  const warnings: string[] = [];
  checkWriteOptions(given.request, query);
  const store = query.has('dryRun') ? dryRunStore(given.deps.store) : given.deps.store;
  return { ...given, query, store, warnings, warn: (message) => void warnings.push(message) };
}

/** The key of the object the request names. */
export const keyOf = ({ resource, namespace, name }: Pick<Scope, 'resource' | 'namespace' | 'name'>) => ({
  resource: resource.storage,
  namespace,
  name,
});

/** How the client wants to see objects. To be asked before anything is written. Throws 400 and 406. */
export function representation(scope: Scope, possible: readonly NonNullable<Accepted['as']>[]): Representation {
  return {
    accepted: accepted(scope.request.headers.get('accept'), possible),
    include: includeObject(scope.query),
    now: scope.deps.now,
  };
}

/** How the client wants to see one object. */
export const objectRepresentation = (scope: Scope): Representation =>
  representation(scope, ['Table', 'PartialObjectMetadata']);

/** The answer that shows one object. */
export function showObject(scope: Scope, object: StoredObject, how: Representation, status = 200): Response {
  return show(scope, representObject(scope.resource, object, how), how.accepted, status);
}

/** The answer with a body that is ready to be written. */
export const show = (scope: Scope, body: object, format: Pick<Accepted, 'format'>, status = 200): Response =>
  withWarnings(answer(scope.request, body, format, { status }), scope.warnings);
