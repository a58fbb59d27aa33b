import { expect, test } from 'vitest';
import { openSqliteStore } from '../store/sqlite.ts';
import { expireEvents } from './event-expiry.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

test('events go an hour after they last happened', async () => {
  const store = openSqliteStore(':memory:');
  const add = (name: string, times: object) =>
    store.create(
      { resource: 'events', namespace: 'default', name },
      { metadata: { name, namespace: 'default' }, ...times },
      'client',
    );
  await add('old', { lastTimestamp: '2026-01-01T10:00:00Z' });
  await add('repeated', { eventTime: '2026-01-01T09:00:00Z', series: { lastObservedTime: '2026-01-01T11:30:00Z' } });
  await add('new', { eventTime: '2026-01-01T11:30:00.000000Z' });
  const removed = await expireEvents({ store, now: () => new Date('2026-01-01T12:00:00Z'), log });
  const { items } = await store.list('events');
  expect([removed, items.map(({ metadata }) => metadata.name)]).toEqual([1, ['new', 'repeated']]);
  await store.close();
});
