import { expect, test } from 'vitest';
import { formatProbes, formatReport } from './report.ts';
import { summarize } from './statistics.ts';

test.each([
  [[7], { median: 7, p90: 7 }],
  [[3, 1, 2], { median: 2, p90: 3 }],
  [[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], { median: 5.5, p90: 9 }],
])('median and 90th percentile of %j', (values, expected) => {
  expect(summarize(values)).toEqual(expected);
});

test('the report as a table', () => {
  const text = formatReport({
    machine: { cpu: 'CPU', cores: 2, kernel: '6.1', runtime: 'containerd 1.6.20', node: 'v24.0.0' },
    pods: 20,
    start: { floor: { median: 400, p90: 500 }, durapod: { median: 520, p90: 700 } },
    gap: { floor: { median: 80, p90: 90 }, durapod: { median: 100, p90: 135 } },
    lives: [{ parallel: 4, floor: 3, durapod: 2.25 }],
    history: { toRunning: 41, perHour: 0 },
    memory: { durapod: 300 },
    seconds: 99.6,
  });
  expect(text.split('\n')).toEqual([
    'CPU, 2 cores, Linux 6.1, containerd 1.6.20, Node v24.0.0',
    '20 Pods a side, floor and durapod in turn, 100 s in all',
    '',
    '                                        floor   durapod  ratio',
    'POST to Ready, median                400.0 ms  520.0 ms   1.30',
    'POST to Ready, p90                   500.0 ms  700.0 ms   1.40',
    'init 1 exit to init 2 start, median   80.0 ms  100.0 ms   1.25',
    'init 1 exit to init 2 start, p90      90.0 ms  135.0 ms   1.50',
    'whole lives a second, 4 in parallel      3.00      2.25   0.75',
    'Temporal events to Running                           41',
    'Temporal events an hour at rest                       0',
    'resident memory, durapod                        300 MiB',
  ]);
});

test('what probes cost as a table', () => {
  const text = formatProbes({
    machine: { cpu: 'CPU', cores: 2, kernel: '6.1', runtime: 'containerd 1.6.20', node: 'v24.0.0' },
    pods: 100,
    seconds: 60,
    historyPerHour: 0,
    probesPerSecond: 99.96,
    cpu: { durapod: 12.34, 'shims and what they execute': 150 },
    took: 140.2,
  });
  expect(text.split('\n')).toEqual([
    'CPU, 2 cores, Linux 6.1, containerd 1.6.20, Node v24.0.0',
    'watched for 60 s each, 140 s in all',
    '',
    'Temporal events an hour at rest, three probes a second                  0',
    '100 Pods with an exec probe a second: probes a second               100.0',
    'processor time, durapod                                  12.3 % of a core',
    'processor time, shims and what they execute             150.0 % of a core',
  ]);
});
