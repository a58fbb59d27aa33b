import { expect, test } from 'vitest';
import { kubeTime } from './time.ts';

test.each<[string, number | string, string]>([
  ['ms since the epoch, cut to the second', 1_767_323_045_999, '2026-01-02T03:04:05Z'],
  ['the nanoseconds of a runtime', '2026-01-02T03:04:05.123456789Z', '2026-01-02T03:04:05Z'],
  ['another zone', '2026-01-02T05:04:05+02:00', '2026-01-02T03:04:05Z'],
  ['one that is so already', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
])('%s', (_, moment, expected) => expect(kubeTime(moment)).toBe(expected));
