/** GET of a collection: selectors, pages, and lists of an older revision (Kubernetes docs, "API Concepts"). */
import { Compacted, type ListOptions, type Store } from '../../store/port.ts';
import { continueToken, placeOf } from '../decode/continue-token.ts';
import { revision, wholeNumber } from '../decode/options.ts';
import { type Selection, selection } from '../decode/selection.ts';
import { type ObjectList, representList } from '../encode/represent.ts';
import { badRequest, expired, futureRevision } from '../errors.ts';
import { type Handler, representation, type Scope, show } from '../scope.ts';

/** Objects read at once while a selector picks few of them. */
const pageSize = 500;

export const list: Handler = async (scope) => {
  const how = representation(scope, ['Table', 'PartialObjectMetadataList']);
  const found = await listObjects(scope);
  return show(scope, representList(scope.resource, found, how), how.accepted);
};

/** The objects that a request's query selects, one page of them when it has a limit. Throws 400, 410 and 504. */
export async function listObjects({ query, store, resource, namespace }: Scope): Promise<ObjectList> {
  const chosen = selection(query, resource);
  const limit = wholeNumber(query, 'limit') || undefined;
  const place = await startOf(query, store, limit);
  try {
    const options = { ...place, ...(namespace ? { namespace } : {}), limit };
    const page = await collect(store, resource.storage, options, chosen);
    const last = page.items.at(-1)?.metadata;
    const more =
      page.more && last
        ? { revision: page.revision, after: { namespace: last.namespace ?? '', name: last.name ?? '' } }
        : undefined;
    const completed = await resource.completed?.(store);
    return {
      items: completed ? page.items.map(completed) : page.items,
      metadata: { resourceVersion: String(page.revision), ...(more ? { continue: continueToken(more) } : {}) },
    };
  } catch (error) {
    if (!(error instanceof Compacted)) throw error;
    if (!place.after) throw expired('The resourceVersion for the provided list is too old: list without it');
    throw expired(
      'The provided continue parameter is too old to display a consistent list result: start the list again without it, or go on with the continue of this answer, which shows what is there now',
      continueToken({ after: place.after }),
    );
  }
}

/** Where a list starts: at a token, at an exact revision, or now (which is never older than what a client has seen). */
async function startOf(
  query: URLSearchParams,
  store: Store,
  limit: number | undefined,
): Promise<Pick<ListOptions, 'after' | 'revision'>> {
  const match = query.get('resourceVersionMatch');
  const asked = revision(query.get('resourceVersion'));
  const token = query.get('continue');
  if (query.get('sendInitialEvents') !== null) throw badRequest('sendInitialEvents is forbidden for list');
  if (match && (asked === undefined || token)) {
    throw badRequest('resourceVersionMatch is forbidden unless resourceVersion is provided and continue is not');
  }
  if (match && match !== 'Exact' && match !== 'NotOlderThan') {
    throw badRequest(`resourceVersionMatch: Unsupported value: "${match}": supported values: "Exact", "NotOlderThan"`);
  }
  if (match === 'Exact' && asked === 0) {
    throw badRequest('resourceVersionMatch "Exact" is forbidden for resourceVersion "0"');
  }
  if (token && asked) throw badRequest('specifying resource version is not allowed when using continue');
  if (token) return placeOf(token);
  if (asked !== undefined) {
    const newest = await store.revision();
    if (asked > newest) throw futureRevision(asked, newest);
  }
  // A page of a revision that is asked for without more is of just that one (upstream's legacy rule).
  const isExact = match === 'Exact' || (!match && asked && limit);
  return isExact ? { revision: asked } : {};
}

/** Reads pages until `limit` selected objects are found or there are no more. */
async function collect(store: Store, storage: string, options: ListOptions, chosen: Selection) {
  if (chosen.all) return store.list(storage, options);
  const { limit = Number.POSITIVE_INFINITY, ...rest } = options;
  let page = await store.list(storage, { ...rest, limit: pageSize });
  const items = page.items.filter(chosen.matches);
  while (items.length <= limit && page.more) {
    const last = page.items.at(-1)!.metadata;
    const after = { namespace: last.namespace ?? '', name: last.name ?? '' };
    page = await store.list(storage, { ...rest, after, revision: page.revision, limit: pageSize });
    items.push(...page.items.filter(chosen.matches));
  }
  return { items: items.slice(0, limit), revision: page.revision, more: items.length > limit };
}
