import { mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { asUserError, UserError } from './user-error.ts';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

function fillDatabase(): void {
  const directory = mkdtempSync(join(tmpdir(), 'durapod-full-'));
  try {
    const database = new DatabaseSync(join(directory, 'small.db'));
    database.exec('pragma max_page_count = 2; create table a (b); create table c (d);');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const cases: [string, () => unknown, string | undefined][] = [
  [
    'a full disk',
    () => writeSync(openSync('/dev/full', 'w'), 'x'),
    'ENOSPC: no space left on device, write: make room, or choose another place with --home',
  ],
  [
    'a full disk below SQLite',
    fillDatabase,
    'database or disk is full: make room, or choose another place with --home',
  ],
  [
    'what is for the user already',
    () => {
      throw new UserError('do this');
    },
    'do this',
  ],
  ['what the user cannot help', () => readdirSync('/not/there'), undefined],
];

test.each(cases)('%s', (_name, work, message) => {
  expect(asUserError(thrownBy(work))?.message).toBe(message);
});
