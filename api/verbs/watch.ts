/** GET of a collection with `?watch`: what changes, as it changes (Kubernetes docs, "Efficient detection of changes"). */
import { Compacted, type StoredObject } from '../../store/port.ts';
import { flag, revision, wholeNumber } from '../decode/options.ts';
import { selection } from '../decode/selection.ts';
import { type Representation, representObject } from '../encode/represent.ts';
import { badRequest, expired, failureStatus, futureRevision } from '../errors.ts';
import { type Handler, representation, type Scope } from '../scope.ts';
import { eventOf } from '../watch/event-of.ts';
import { type Line, streamLines } from '../watch/stream.ts';
import { listObjects } from './list.ts';

/** How often a client that wants bookmarks gets one, when there is something new to state, ms. */
const bookmarkEvery = 60_000;
/** Watches end after 30 to 60 minutes, at random, so that clients do not all come back at once (upstream's rule), s. */
const lifetime = (): number => 1800 + Math.floor(Math.random() * 1800);

export const watch: Handler = async (scope) => {
  const how = representation(scope, ['Table', 'PartialObjectMetadata']);
  const bookmarks = flag(scope.query, 'allowWatchBookmarks');
  const start = await startOf(scope, bookmarks);
  const seconds = wholeNumber(scope.query, 'timeoutSeconds') || lifetime();
  const { stopping } = scope.deps;
  const signals = [scope.request.signal, ...(stopping ? [stopping] : [])];
  return streamLines((signal) => lines(scope, start, how, bookmarks, signal), seconds * 1000, signals);
};

interface Start {
  since: number;
  /** Objects that are there already, to be told first. */
  initial: StoredObject[];
  /** Say with a bookmark where they end (KEP-3157). */
  announceEnd: boolean;
}

/** Without a revision, what is there comes first as ADDED; with one, only what came after it. Throws 400 and 504. */
async function startOf(scope: Scope, bookmarks: boolean): Promise<Start> {
  const { query, store } = scope;
  const asked = revision(query.get('resourceVersion'));
  const streamList = query.get('sendInitialEvents') === null ? undefined : flag(query, 'sendInitialEvents');
  const match = query.get('resourceVersionMatch');
  if (streamList === undefined && match) {
    throw badRequest('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  }
  if (streamList !== undefined && match !== 'NotOlderThan') {
    throw badRequest('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (streamList && !bookmarks) throw badRequest('sendInitialEvents requires allowWatchBookmarks');
  const newest = await store.revision();
  if (asked !== undefined && asked > newest) throw futureRevision(asked, newest);
  if (streamList ?? !asked) {
    const unpaged = new URLSearchParams([...query].filter(([name]) => name.endsWith('Selector')));
    const { items, metadata } = await listObjects({ ...scope, query: unpaged });
    return { since: Number(metadata.resourceVersion), initial: items, announceEnd: Boolean(streamList) };
  }
  return { since: asked || newest, initial: [], announceEnd: false };
}

async function* lines(
  scope: Scope,
  start: Start,
  how: Representation,
  bookmarks: boolean,
  signal: AbortSignal,
): AsyncGenerator<Line> {
  const { resource, namespace, feed, query } = scope;
  const chosen = selection(query, resource);
  const show = shower(scope, how);
  for (const object of start.initial) yield { type: 'ADDED', object: show(object) };
  if (start.announceEnd) yield bookmark(scope, how, start.since, { 'k8s.io/initial-events-end': 'true' });
  let told = start.since;
  let position = start.since;
  let due = performance.now() + bookmarkEvery;
  try {
    for await (const batch of feed.follow(start.since, { signal, idleMs: bookmarkEvery })) {
      for (const change of batch.changes) {
        if (change.key.resource !== resource.storage || (namespace && change.key.namespace !== namespace)) continue;
        const event = eventOf(change, chosen);
        if (!event) continue;
        told = change.revision;
        yield { type: event.type, object: show(event.object) };
      }
      position = batch.revision;
      if (bookmarks && position > told && performance.now() >= due) {
        told = position;
        due = performance.now() + bookmarkEvery;
        yield bookmark(scope, how, position);
      }
    }
    if (bookmarks && position > told) yield bookmark(scope, how, position);
  } catch (error) {
    if (!(error instanceof Compacted)) throw error;
    yield { type: 'ERROR', object: failureStatus(expired(`too old resource version: ${start.since}: list again`)) };
  }
}

/** Shows objects as asked; a table's columns come once. */
function shower({ resource }: Scope, how: Representation): (object: StoredObject) => object {
  let first = true;
  return (object) => {
    const shown = representObject(resource, object, how);
    if (how.accepted.as !== 'Table') return shown;
    const columns = first ? {} : { columnDefinitions: null };
    first = false;
    return { ...shown, ...columns };
  };
}

/** States that everything up to `revision` has been told. */
function bookmark(
  { resource }: Scope,
  how: Representation,
  revision: number,
  annotations?: Record<string, string>,
): Line {
  const metadata = { resourceVersion: String(revision), ...(annotations ? { annotations } : {}) };
  return { type: 'BOOKMARK', object: representObject(resource, emptyObject(resource.kind, metadata), how) };
}

/** An object of the kind with nothing in it; the Pod's printer wants a list of containers. */
const emptyObject = (kind: string, metadata: object): StoredObject =>
  kind === 'Pod' ? { metadata, spec: { containers: [] } } : { metadata };
