import { expect, test } from 'vitest';
import { parseProbePeriod, probeOfPeriod, probePeriods } from './probe-periods.ts';
import type { Pod } from './types.ts';

test.each([
  ['100ms', 100],
  ['60000ms', 60_000],
  ['99ms', undefined],
  ['60001ms', undefined],
  ['200', undefined],
  ['0.2s', undefined],
  [' 200ms', undefined],
  ['', undefined],
])('period %j', (text, ms) => expect(parseProbePeriod(text)).toBe(ms));

test.each([
  ['probe.durapod.io/main.liveness-period', { container: 'main', kind: 'liveness' }],
  ['probe.durapod.io/main.stop-period', undefined],
  ['probe.durapod.io/.startup-period', undefined],
])('annotation %s', (name, probe) => expect(probeOfPeriod(name)).toEqual(probe));

test('the periods of one container', () => {
  const annotations = {
    'probe.durapod.io/main.liveness-period': '200ms',
    'probe.durapod.io/main.readiness-period': '300ms',
    'probe.durapod.io/other.readiness-period': '400ms',
    unrelated: '500ms',
  };
  const pod = (metadata: object) => ({ metadata, spec: { containers: [] } }) as Pod;
  expect(probePeriods(pod({ annotations }), 'main')).toEqual({ liveness: 200, readiness: 300 });
  expect(probePeriods(pod({}), 'main')).toEqual({});
});
