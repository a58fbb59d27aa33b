import { describe, expect, test } from 'vitest';
import { count, initialTally, isDecided, type ProbeKind, type Verdict } from './thresholds.ts';

/** Results as letters (s, f) and what the verdict is after each; a decided probe takes no more. */
function verdicts(kind: ProbeKind, success: number, failure: number, results: string, from?: Verdict): string {
  let tally = from ? { ...initialTally(kind), verdict: from } : initialTally(kind);
  let seen = '';
  for (const letter of results) {
    if (isDecided(kind, tally.verdict)) return `${seen}|`;
    tally = count(tally, letter === 's' ? 'success' : 'failure', { success, failure });
    seen += { success: 's', failure: 'f', unknown: '?' }[tally.verdict];
  }
  return seen;
}

describe('verdicts after each result', () => {
  test.each<[string, ProbeKind, number, number, string, string, Verdict?]>([
    ['readiness needs one success', 'readiness', 1, 3, 's', 's'],
    ['readiness needs three in a row', 'readiness', 3, 3, 'ssfsss', 'fffffs'],
    ['a ready container fails after three in a row', 'readiness', 1, 3, 'sffsfff', 'ssssssf'],
    ['readiness comes back', 'readiness', 1, 1, 'sfsf', 'sfsf'],
    ['readiness that was true before a restart', 'readiness', 2, 3, 'ffsff', 'sssss', 'success'],
    ['readiness that was true before a restart, and fails', 'readiness', 1, 2, 'ff', 'sf', 'success'],
    ['a container lives until three failures in a row', 'liveness', 1, 3, 'ffsfff', 'sssssf'],
    ['a failed liveness probe rests', 'liveness', 1, 1, 'fs', 'f|'],
    ['startup is unknown until its threshold', 'startup', 1, 3, 'ffs', '??s'],
    ['a started container is not probed for startup again', 'startup', 1, 3, 'sf', 's|'],
    ['a container that does not start fails once', 'startup', 1, 3, 'ffff', '??f|'],
  ])('%s', (_, kind, success, failure, results, expected, from) => {
    expect(verdicts(kind, success, failure, results, from)).toBe(expected);
  });
});
