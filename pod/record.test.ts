import { expect, test } from 'vitest';
import { container, ended, exitOf, podView, runs, waits } from './fixtures.ts';
import { type ContainerRecord, newRecord, restartCount, restartRecords } from './record.ts';

test('a container that nothing has happened to', () => {
  expect(newRecord(container('main', 'main', { image: 'image:v2' }))).toEqual({
    name: 'main',
    attempt: 0,
    phase: 'waiting',
    image: 'image:v2',
    started: false,
    ready: false,
    backoffMs: 0,
    backoffAt: 0,
    pullBackoff: { backoffMs: 0, backoffAt: 0 },
    retryAt: 0,
  });
});

const before = { id: 'cri://before', exit: exitOf(1) };
const backedOff = {
  backoffMs: 20_000,
  backoffAt: 1,
  pullBackoff: { backoffMs: 10_000, backoffAt: 1 },
  retryAt: 2,
  waiting: { reason: 'CrashLoopBackOff' },
};

test.each<[string, ContainerRecord | undefined, Partial<ContainerRecord>]>([
  ['nothing is known of it', undefined, {}],
  ['it had not started', waits('main'), {}],
  ['its image could not be had', waits('main', backedOff), {}],
  [
    'it was in a back-off: no attempt is lost, and the back-off is forgotten',
    waits('main', { ...backedOff, attempt: 2, id: 'cri://main', imageId: 'sha256:1', last: before }),
    { attempt: 2, id: 'cri://main', imageId: 'sha256:1', last: before },
  ],
  [
    'it was about to restart at once',
    waits('main', { attempt: 1, id: 'cri://main', exit: exitOf(1), last: { id: 'cri://main', exit: exitOf(1) } }),
    { attempt: 1, id: 'cri://main', last: { id: 'cri://main', exit: exitOf(1) } },
  ],
  [
    'it had ended',
    ended('main', 0, { ...backedOff, waiting: undefined, attempt: 1, last: before }),
    { attempt: 2, id: 'cri://main', last: { id: 'cri://main', exit: exitOf(0) } },
  ],
  ['nobody saw its end', runs('main', { last: before }), { attempt: 1, id: 'cri://main' }],
])('a container of a Pod that starts anew: %s', (_, record, expected) => {
  expect(restartRecords(podView(), record ? [record] : [])).toEqual([{ ...waits('main'), ...expected }]);
});

test('a Pod that starts anew has the containers of its spec, without ephemeral ones, and their images', () => {
  const containers = [
    container('init', 'init', { image: 'image:v2' }),
    container('side', 'sidecar'),
    container('main'),
    container('debug', 'ephemeral'),
  ];
  const records = [runs('debug'), ended('main', 0), ended('init', 0), runs('gone')];
  const anew = restartRecords(podView({ containers }), records);
  expect(anew.map(({ name, attempt, image }) => [name, attempt, image])).toEqual([
    ['init', 1, 'image:v2'],
    ['side', 0, 'image:v1'],
    ['main', 1, 'image:v1'],
  ]);
});

test('what is to stay ended does, an ephemeral container too', () => {
  const containers = [container('done'), container('other'), container('debug', 'ephemeral')];
  const records = [ended('done', 0), ended('other', 0), ended('debug', 1)];
  const anew = restartRecords(podView({ containers }), records, ({ name }) => name !== 'other');
  const { exit, ...before } = records[1] as ContainerRecord;
  expect(anew).toEqual([
    records[0],
    { ...waits('other'), attempt: 1, id: before.id, last: { id: before.id, exit } },
    records[2],
  ]);
});

test.each<[string, ContainerRecord, number]>([
  ['not started', waits('c'), 0],
  ['its first run', runs('c'), 0],
  ['about to run again', waits('c', { attempt: 1 }), 0],
  ['its second run', runs('c', { attempt: 1 }), 1],
  ['its end', ended('c', 1, { attempt: 1 }), 1],
  ['about to run a third time', waits('c', { attempt: 2 }), 1],
])('restartCount: %s', (_, record, expected) => expect(restartCount(record)).toBe(expected));
