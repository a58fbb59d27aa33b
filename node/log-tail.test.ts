import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tailOffset } from './log-tail.ts';

const entry = (tag: string, text: string) => `2026-03-04T05:06:07.5Z stdout ${tag} ${text}\n`;
const F = (text: string) => entry('F', text);
const P = (text: string) => entry('P', text);

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'durapod-tail-'));
});
afterAll(() => rm(directory, { recursive: true }));

const cases: [string, string[], number, string[]][] = [
  ['none of an empty log', [], 3, []],
  ['no lines', [F('a'), F('b')], 0, []],
  ['the last line', [F('a'), F('b')], 1, [F('b')]],
  ['exactly all', [F('a'), F('b')], 2, [F('a'), F('b')]],
  ['more than there are', [F('a'), F('b')], 5, [F('a'), F('b')]],
  ['a line in several entries', [F('a'), P('b'), P('c'), F('d'), F('e')], 2, [P('b'), P('c'), F('d'), F('e')]],
  ['an unfinished line at the end', [F('a'), F('b'), P('c')], 2, [F('b'), P('c')]],
  ['lines longer than a block', [F('a'.repeat(700)), F('b'.repeat(700)), F('c')], 2, [F('b'.repeat(700)), F('c')]],
  ['what is no entry', [F('a'), 'garbage\n', F('b')], 1, [F('b')]],
];

describe.each(cases)('%s', (_, log, lines, expected) => {
  test.each([1, 50, 256, 65_536])('in blocks of %i bytes', async (block) => {
    const path = join(directory, 'a.log');
    const text = log.join('');
    await writeFile(path, text);
    const file = await open(path);
    const offset = await tailOffset(file, text.length, lines, block);
    await file.close();
    expect(text.slice(offset)).toBe(expected.join(''));
  });
});
