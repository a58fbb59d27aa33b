import { expect, test } from 'vitest';
import { type Observations, parseThresholds, shortagesOf } from './thresholds.ts';

test.each([
  ['', []],
  ['memory.available<100Mi', [{ signal: 'memory.available', amount: 100 * 2 ** 20 }]],
  [
    ' nodefs.available < 10% ,imagefs.inodesFree<0.5%,pid.available<1k',
    [
      { signal: 'nodefs.available', percent: 10 },
      { signal: 'imagefs.inodesFree', percent: 0.5 },
      { signal: 'pid.available', amount: 1000 },
    ],
  ],
])('reads "%s"', (text, thresholds) => {
  expect(parseThresholds(text)).toEqual(thresholds);
});

test.each([
  ['memory', '"memory" is none of memory.available, nodefs.available, nodefs.inodesFree'],
  ['allocatableMemory.available<1Gi', '"allocatableMemory.available<1Gi" is none of memory.available,'],
  ['toString<1', '"toString<1" is none of memory.available,'],
  [
    'memory.available<',
    '"" is no threshold for memory.available: an amount such as 100Mi or a percentage such as 10% is',
  ],
  ['memory.available<101%', '"101%" is no threshold'],
  ['memory.available<-1', '"-1" is no threshold'],
  ['memory.available<lots', '"lots" is no threshold'],
  ['memory.available<1,memory.available<2', 'memory.available is there twice'],
])('refuses "%s"', (text, message) => {
  expect(() => parseThresholds(text)).toThrow(message);
});

const thresholds = parseThresholds('nodefs.available<10%,memory.available<100Mi,nodefs.inodesFree<5%,pid.available<10');
const disk = (available: number): Observations => ({ 'nodefs.available': { available, capacity: 102_400 } });
const memory = (available: number): Observations => ({ 'memory.available': { available, capacity: 2 ** 30 } });
const lowDisk = {
  signal: 'nodefs.available',
  resource: 'ephemeral-storage',
  condition: 'DiskPressure',
  threshold: '10Ki',
  available: '10239',
};
const lowMemory = {
  signal: 'memory.available',
  resource: 'memory',
  condition: 'MemoryPressure',
  threshold: '100Mi',
  available: '50Mi',
};

test.each<[string, Observations, object[]]>([
  ['what was not observed', {}, []],
  ['enough, if only just', { ...disk(10_240), ...memory(100 * 2 ** 20) }, []],
  ['too little of the disk', disk(10_239), [lowDisk]],
  ['both, memory first', { ...disk(10_239), ...memory(50 * 2 ** 20) }, [lowMemory, lowDisk]],
  [
    'too few inodes',
    { 'nodefs.inodesFree': { available: 4, capacity: 100 } },
    [{ signal: 'nodefs.inodesFree', resource: 'inodes', condition: 'DiskPressure', threshold: '5', available: '4' }],
  ],
  [
    'too few processes',
    { 'pid.available': { available: 9, capacity: 100 } },
    [{ signal: 'pid.available', resource: 'pids', condition: 'PIDPressure', threshold: '10', available: '9' }],
  ],
])('of %s', (_, observations, shortages) => {
  expect(shortagesOf(thresholds, observations)).toEqual(shortages);
});
