import { expect, test } from 'vitest';
import { testApi, told } from '../testing.ts';

const core = '/api/v1/namespaces';
const strict = '/apis/events.k8s.io/v1/namespaces';
const merge = { 'content-type': 'application/merge-patch+json' };
const eventTime = '2026-01-01T00:00:00.123456Z';

/** As client-go's recorders write them, the older and the newer one. */
const older = {
  involvedObject: { kind: 'Pod', namespace: 'default', name: 'web' },
  reason: 'Pulled',
  message: 'Pulled it',
  type: 'Normal',
  eventTime: null,
  firstTimestamp: '2026-01-01T00:00:00Z',
  lastTimestamp: '2026-01-01T00:00:00Z',
  count: 1,
  source: { component: 'c' },
  reportingComponent: 'c',
  reportingInstance: '',
};
const newer = {
  regarding: { kind: 'Pod', namespace: 'default', name: 'web' },
  reason: 'Pulled',
  note: 'Pulled it',
  type: 'Normal',
  eventTime,
  action: 'Pull',
  reportingController: 'example.com/c',
  reportingInstance: 'box',
  deprecatedSource: {},
  deprecatedFirstTimestamp: null,
  deprecatedLastTimestamp: null,
};

async function withNamespaces() {
  const api = await testApi();
  await api.send('POST', '/api/v1/namespaces', { metadata: { name: 'other' } });
  return api;
}

const MATCH = 'does not match event.namespace';
const long = 'x'.repeat(129);

test.each<[string, string, object, unknown[]]>([
  ['as the older recorder writes it', `${core}/default`, older, [201]],
  ['of any type', `${core}/default`, { ...older, type: 'Odd', count: 0 }, [201]],
  ['of a node', `${core}/default`, { ...older, involvedObject: { kind: 'Node', name: 'box' } }, [201]],
  [
    'of a node, elsewhere',
    `${core}/other`,
    { ...older, involvedObject: { kind: 'Node', name: 'box' } },
    [422, `involvedObject.namespace: Invalid value: "": ${MATCH}`],
  ],
  [
    'of another namespace',
    `${core}/other`,
    older,
    [422, `involvedObject.namespace: Invalid value: "default": ${MATCH}`],
  ],
  [
    'of the newer language, in the older version',
    `${core}/default`,
    { ...older, eventTime },
    [422, 'reportingInstance: Required value', 'action: Required value'],
  ],
  [
    'of the newer language, of another namespace',
    `${core}/other`,
    { ...older, eventTime, reportingComponent: 'a b', reportingInstance: 'box', action: 'Pull' },
    [422, expect.stringMatching(/^reportingComponent: Invalid value: "a b"/)],
  ],
  ['as the newer recorder writes it', `${strict}/default`, newer, [201]],
  [
    'of nothing, elsewhere',
    `${strict}/other`,
    { ...newer, regarding: {} },
    [422, `involvedObject.namespace: Invalid value: "": ${MATCH}`],
  ],
  [
    'of the older language, in the newer version',
    `${strict}/default`,
    {
      ...newer,
      eventTime: null,
      type: 'Odd',
      deprecatedCount: 1,
      deprecatedSource: { host: 'box' },
      deprecatedFirstTimestamp: '2026-01-01T00:00:00Z',
      deprecatedLastTimestamp: '2026-01-01T00:00:00Z',
    },
    [
      422,
      'eventTime: Required value',
      'type: Invalid value: "": has invalid value: Odd',
      'firstTimestamp: Invalid value: "": needs to be unset',
      'lastTimestamp: Invalid value: "": needs to be unset',
      'count: Invalid value: "": needs to be unset',
      'source: Invalid value: "": needs to be unset',
    ],
  ],
  [
    'of nothing but a time',
    `${strict}/default`,
    { eventTime },
    [
      422,
      'reportingController: Required value',
      'reportingInstance: Required value',
      'action: Required value',
      'reason: Required value',
      'type: Invalid value: "": has invalid value: ',
    ],
  ],
  [
    'of too many words',
    `${strict}/default`,
    { ...newer, reportingInstance: long, action: long, reason: long, note: 'ü'.repeat(513) },
    [
      422,
      'reportingInstance: Invalid value: "": can have at most 128 characters',
      'action: Invalid value: "": can have at most 128 characters',
      'reason: Invalid value: "": can have at most 128 characters',
      'message: Invalid value: "": can have at most 1024 characters',
    ],
  ],
  [
    'of a series of one',
    `${strict}/default`,
    { ...newer, series: { count: 1 } },
    [422, 'series.count: Invalid value: "": should be at least 2', 'series.lastObservedTime: Required value'],
  ],
])('an event %s', async (_, namespace, event, expected) => {
  await using api = await withNamespaces();
  expect(told(await api.send('POST', `${namespace}/events`, { metadata: { name: 'e' }, ...event }))).toEqual(expected);
});

test.each<[string, string, number]>([
  [core, 'system:x.17A', 201],
  [strict, 'system:x.17A', 422],
  [core, 'a%b', 422],
])('%s: an event may be called %s: %i', async (path, name, code) => {
  await using api = await testApi();
  const event = path === core ? older : newer;
  expect((await api.send('POST', `${path}/default/events`, { metadata: { name }, ...event })).status).toBe(code);
});

test('an event that happens again is the same', async () => {
  await using api = await testApi();
  const path = `${strict}/default/events`;
  const { body } = await api.send('POST', path, { metadata: { name: 'e' }, ...newer });
  const series = { count: 2, lastObservedTime: eventTime };
  const patch = async (fields: object) => told(await api.send('PATCH', `${path}/e`, fields, merge));
  const { deprecatedSource: _, metadata: __, ...replaced } = body;
  expect([
    await patch({ series }),
    await patch({ series: { count: 1 } }),
    told(
      await api.send('PUT', `${path}/e`, {
        ...replaced,
        metadata: { name: 'e' },
        series,
        eventTime: '2026-01-01T00:00:00.123456789Z',
      }),
    ),
    await patch({
      reportingController: 'example.com/d',
      note: 'other',
      type: 'Warning',
      regarding: { name: 'db' },
      eventTime: '2026-01-01T00:00:00.123457Z',
    }),
  ]).toEqual([
    [200],
    [422, 'series.count: Invalid value: "": should be at least 2'],
    [200],
    [
      422,
      'involvedObject: Invalid value: {"kind":"Pod","namespace":"default","name":"db"}: field is immutable',
      'message: Invalid value: "other": field is immutable',
      'type: Invalid value: "Warning": field is immutable',
      'eventTime: Invalid value: "2026-01-01T00:00:00.123457Z": field is immutable',
      'reportingController: Invalid value: "example.com/d": field is immutable',
    ],
  ]);
});

test('what the older version has counted is counted on, and marked in either', async () => {
  await using api = await testApi();
  await api.send('POST', `${core}/default/events`, { metadata: { name: 'e' }, ...older });
  const answers = [
    await api.send(
      'PATCH',
      `${core}/default/events/e`,
      { count: 2, message: 'again', lastTimestamp: eventTime },
      merge,
    ),
    await api.send('PATCH', `${core}/default/events/e`, { metadata: { labels: { a: 'b' } } }, merge),
    await api.send('PATCH', `${strict}/default/events/e`, { metadata: { labels: { a: 'c' } } }, merge),
  ];
  expect(answers.map(told)).toEqual([[200], [200], [200]]);
});
