import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PodEvent } from '../pod/contract.ts';
import type { PodRef } from '../pod/types.ts';
import { EventRecorder, type NodeEvent } from './event-recorder.ts';

const start = Date.parse('2030-01-01T00:00:00Z');
const pod = { namespace: 'default', name: 'web', uid: 'u1' };
const failure: NodeEvent = {
  type: 'Warning',
  reason: 'Unhealthy',
  message: 'Readiness probe failed: broken',
  container: { name: 'main', list: 'containers' },
};

let written: [PodRef, PodEvent][];
let warned: object[];
let recorder: EventRecorder;
const log = { warn: (fields: object) => void warned.push(fields) };
const pass = (s: number) => vi.advanceTimersByTimeAsync(s * 1000);
const lines = () => written.map(([{ name }, { message, count }]) => `${name} ${message} x${count}`);

beforeEach(() => {
  vi.useFakeTimers({ now: start });
  [written, warned] = [[], []];
  recorder = new EventRecorder({ write: async (...args) => void written.push(args), log });
});
afterEach(() => void vi.useRealTimers());

test('the same again counts up, under the name of the first', async () => {
  recorder.record(pod, failure);
  await pass(1);
  recorder.record(pod, failure);
  await pass(1);
  recorder.record(pod, { ...failure, container: { name: 'other', list: 'containers' } });
  await pass(0);
  const firstAt = '2030-01-01T00:00:00.000Z';
  const at = '2030-01-01T00:00:01.000Z';
  const later = '2030-01-01T00:00:02.000Z';
  const other = { ...failure, container: { name: 'other', list: 'containers' } };
  expect(written).toEqual([
    [pod, { ...failure, at: firstAt, firstAt, sequence: 0x8000, count: 1 }],
    [pod, { ...failure, at, firstAt, sequence: 0x8000, count: 2 }],
    [pod, { ...other, at: later, firstAt: later, sequence: 0x8001, count: 1 }],
  ]);
});

test('25 of a Pod at once, then one in five minutes, which has the count of all', async () => {
  const probe = async (seconds: number) => {
    for (let n = 0; n < seconds; n++) {
      recorder.record(pod, failure);
      await pass(1);
    }
  };
  await probe(299);
  expect(lines()).toEqual(Array.from({ length: 25 }, (_, n) => `web ${failure.message} x${n + 1}`));
  await probe(302);
  expect(lines().slice(25)).toEqual([`web ${failure.message} x301`, `web ${failure.message} x601`]);
  recorder.record({ ...pod, name: 'other', uid: 'u2' }, failure);
  await pass(0);
  expect(lines().at(-1)).toBe(`other ${failure.message} x1`);
});

test('messages that are ever another share an event after the tenth; a known one keeps its own', async () => {
  const say = async (change: Partial<NodeEvent>) => {
    recorder.record(pod, { ...failure, ...change });
    await pass(0);
  };
  for (let n = 1; n <= 12; n++) await say({ message: `at ${n}` });
  await say({ message: 'at 3' });
  await say({ reason: 'ProbeWarning', message: 'at 12' });
  await pass(601);
  await say({ message: 'at 13' });
  expect(lines()).toEqual([
    ...Array.from({ length: 10 }, (_, n) => `web at ${n + 1} x1`),
    'web (combined from similar events): at 11 x1',
    'web (combined from similar events): at 12 x2',
    'web at 3 x2',
    'web at 12 x1',
    'web at 13 x1',
  ]);
  const named = written.filter(([, { message }]) => message.endsWith('at 3'));
  expect(new Set(named.map(([, { sequence }]) => sequence)).size).toBe(1);
});

test('what comes while the same is being written is written after it, at once', async () => {
  const first = Promise.withResolvers<void>();
  const counts: number[] = [];
  recorder = new EventRecorder({
    write: async (_, { count }) => {
      counts.push(count);
      await first.promise;
    },
    log,
  });
  for (let n = 0; n < 5; n++) recorder.record(pod, failure);
  await pass(0);
  expect(counts).toEqual([1]);
  first.resolve();
  await pass(0);
  expect(counts).toEqual([1, 5]);
});

test('one that cannot be written is logged, without its message, and the next one is tried', async () => {
  let fails = true;
  recorder = new EventRecorder({
    write: async (...args) => {
      if (fails) throw new Error('the API is away');
      written.push(args);
    },
    log,
  });
  recorder.record(pod, failure);
  await pass(1);
  fails = false;
  recorder.record(pod, failure);
  await pass(0);
  expect(warned).toEqual([{ pod: 'default/web', reason: 'Unhealthy', error: 'Error: the API is away' }]);
  expect(lines()).toEqual([`web ${failure.message} x2`]);
});

test('a message is cut at 1 KiB', async () => {
  recorder.record(pod, { ...failure, message: 'é'.repeat(5000) });
  await pass(0);
  expect(written[0]?.[1].message).toBe('é'.repeat(512));
});
