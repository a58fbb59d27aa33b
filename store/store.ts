/** The store over any database: scripts run by a driver, and the watch loop. */
import { setImmediate } from 'node:timers/promises';
import type { Database } from './database.ts';
import type { Change, Store, WatchOptions } from './port.ts';
import type { Queries } from './queries.ts';
import * as scripts from './scripts.ts';
import { Wake } from './wake.ts';

/** Changes a watcher holds in memory at once. */
const batchSize = 200;
/** Revisions compacted in one transaction, so that writers wait for milliseconds only. */
const compactSize = 1000;

/** A `Store` that keeps everything in `database`. Closing it ends its watches and closes the database. */
export function storeOn(database: Database, q: Queries): Store {
  const newest = async () => (await database.run(() => scripts.meta(q))).revision;
  // A database that does not answer now is looked at again: the watchers' own reads report what lasts.
  const wake = new Wake(
    () =>
      void newest().then(
        (revision) => wake.advance(revision),
        () => {},
      ),
    database.lookEvery,
  );
  database.onWrite((revision) => wake.advance(revision));

  async function write(script: () => ReturnType<typeof scripts.create>) {
    const { object, revision } = await database.write(script);
    if (revision !== undefined) wake.advance(revision);
    return object;
  }

  async function* watch({ since, signal, ...filter }: WatchOptions): AsyncGenerator<Change, void> {
    if (filter.resources?.length === 0)
      throw new Error('watch: name at least one resource, or leave resources out for all');
    const poll = scripts.pollOf(q, filter, batchSize);
    const ended = () => wake.closed || signal?.aborted;
    let more = true;
    while (more && !ended()) {
      const batch = await database.run(() => poll(since));
      for (const change of batch.changes) {
        if (ended()) return;
        yield change;
      }
      since = batch.through;
      // SQLite answers without a pause: a long log must not keep everything else of the process waiting.
      if (batch.full) await setImmediate();
      else more = await wake.newerThan(since, signal);
    }
  }

  return {
    revision: newest,
    create: (key, object, by) => write(() => scripts.create(q, key, object, by)),
    get: (key) => database.run(() => scripts.get(q, key)),
    update: (key, change, by) => write(() => scripts.update(q, key, change, by)),
    list: (resource, options = {}) => database.run(() => scripts.list(q, resource, options)),
    watch,
    compacted: async () => (await database.run(() => scripts.meta(q))).compacted,
    async compact(revision) {
      const target = Math.min(revision, await newest());
      while ((await database.write(() => scripts.compact(q, target, compactSize))) < target);
    },
    cursor: (name) => database.run(() => scripts.cursor(q, name)),
    cursors: () => database.run(() => scripts.cursors(q)),
    saveCursor: (name, revision) => database.run(() => scripts.saveCursor(q, name, revision)),
    async close() {
      wake.close();
      await database.close();
    },
  };
}
