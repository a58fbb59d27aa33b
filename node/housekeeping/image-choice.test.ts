import { describe, expect, test } from 'vitest';
import type { Image } from '../../runtime/port.ts';
import { bytesToFree, type ImageRecord, look, removalOrder, usedPercent } from './image-choice.ts';

const DEFAULTS = { imageGcHighPercent: 85, imageGcLowPercent: 80 };
const MINUTE = 60_000;
const NOW = 100 * MINUTE;

const image = (name: string, more: Partial<Image> = {}): Image => ({
  id: `sha256:${name}`,
  repoTags: [`registry/${name}:1`],
  repoDigests: [`registry/${name}@sha256:d`],
  sizeBytes: 10,
  pinned: false,
  ...more,
});

describe.each([
  [1000, 1000, 0, 0],
  [1000, 151, 85, 49],
  [1000, 150, 85, 50],
  [1000, 160, 84, 0],
  [1000, 0, 100, 200],
  [1000, 2000, 0, 0],
])('a disk of %i bytes with %i available', (capacityBytes, availableBytes, percent, wanted) => {
  test(`is used to ${percent}%, so ${wanted} bytes are wanted`, () => {
    expect(usedPercent({ capacityBytes, availableBytes })).toBe(percent);
    expect(bytesToFree({ capacityBytes, availableBytes }, DEFAULTS)).toBe(wanted);
  });
});

test('a look keeps when an image was first seen and last used, and forgets what is gone', () => {
  const [a, b, c] = [image('a'), image('b'), image('c')];
  const before: ImageRecord[] = [
    { image: a, firstSeen: 1, lastUsed: 5 },
    { image: image('gone'), firstSeen: 1, lastUsed: 5 },
    { image: b, firstSeen: 2, lastUsed: 0 },
  ];
  expect(look(before, [a, b, c], [{ image: 'other', imageRef: b.id }], NOW)).toEqual([
    { image: a, firstSeen: 1, lastUsed: 5 },
    { image: b, firstSeen: 2, lastUsed: NOW },
    { image: c, firstSeen: NOW, lastUsed: 0 },
  ]);
});

test.each([
  ['its id', { image: '', imageRef: 'sha256:a' }],
  ['a digest', { image: '', imageRef: 'registry/a@sha256:d' }],
  ['a name', { image: 'registry/a:1', imageRef: '' }],
])('a container uses an image by %s', (_, container) => {
  expect(look([], [image('a')], [container], NOW)[0]?.lastUsed).toBe(NOW);
});

describe('what may go', () => {
  const record = (name: string, firstSeen: number, lastUsed: number, more: Partial<Image> = {}): ImageRecord => ({
    image: image(name, more),
    firstSeen,
    lastUsed,
  });
  test.each<[string, ImageRecord[], string[]]>([
    [
      'the longest unused first',
      [record('new', 0, 9), record('old', 5, 3), record('never', 8, 0)],
      ['never', 'old', 'new'],
    ],
    ['of those the first seen', [record('b', 2, 0), record('a', 1, 0)], ['a', 'b']],
    ['not what is in use', [record('a', 0, NOW)], []],
    [
      'not what came within two minutes',
      [record('a', NOW - 2 * MINUTE + 1, 0), record('b', NOW - 2 * MINUTE, 0)],
      ['b'],
    ],
    ['not what is pinned, nor what is to be kept', [record('a', 0, 0, { pinned: true }), record('kept', 0, 0)], []],
  ])('%s', (_, records, order) => {
    expect(removalOrder(records, ['registry/kept:1'], NOW).map(({ id }) => id)).toEqual(
      order.map((n) => `sha256:${n}`),
    );
  });
});
