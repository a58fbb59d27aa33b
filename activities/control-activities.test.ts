import { expect, test } from 'vitest';
import type { PodStatus } from '../pod/types.ts';
import type { StoredObject } from '../store/port.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { controlActivities } from './control-activities.ts';

const disruption = { type: 'DisruptionTarget', status: 'True' };
const unready = { type: 'Ready', status: 'False' };
const going = (deletionGracePeriodSeconds: number) => ({
  deletionTimestamp: '2026-01-02T03:04:05Z',
  deletionGracePeriodSeconds,
});

test.each<[string, object, string, string, string]>([
  ['it goes on', {}, 'Pending', 'Running', 'Running'],
  ['it ends', going(30), 'Running', 'Failed', 'Failed'],
  ['it has time to end in', going(30), 'Failed', 'Running', 'Running'],
  ['it ends at once', going(0), 'Running', 'Failed', 'Failed'],
  ['it was to end at once, and is over', going(0), 'Failed', 'Running', 'Failed'],
])("what a workflow says of a Pod's phase: %s", async (_, metadata, before, told, phase) => {
  const store = openSqliteStore(':memory:');
  const pod = { namespace: 'default', name: 'a', uid: 'uid-a' };
  const object = {
    metadata: { ...pod, ...metadata },
    spec: { containers: [] },
    status: { phase: before, conditions: [{ type: 'Ready', status: 'True' }, disruption] },
  };
  const key = { resource: 'pods', namespace: 'default', name: 'a' };
  await store.create(key, object as StoredObject, 'client');
  const status = { phase: told, conditions: [unready] } as unknown as PodStatus;
  await controlActivities(store).publish({ pod, status, events: [] });
  expect((await store.get(key))?.status).toEqual({ phase, conditions: [unready, disruption] });
  await store.close();
});
