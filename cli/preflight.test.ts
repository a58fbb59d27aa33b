import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkIptables, type Facts, preflight, problems } from './preflight.ts';

const good: Facts = {
  linux: true,
  root: true,
  free: [{ directory: '/home', bytes: 2 * 1024 ** 3, option: '--home' }],
};

const cases: [string, Partial<Facts>, string[]][] = [
  ['all is well', {}, []],
  [
    'no room',
    { free: [{ directory: '/home', bytes: 3e8, option: '--home' }] },
    ['only 0.3 GiB free at /home, 1 GiB is needed: make room, or choose another place with --home'],
  ],
  [
    'no place to write',
    { homeProblem: 'EROFS: read-only file system' },
    ['the state directory cannot be written (EROFS: read-only file system): choose another with --home'],
  ],
  ['no root', { root: false }, ['not root: containers need root; run with sudo, or use --runtime sim']],
  [
    'no Linux',
    { linux: false, root: false },
    ['not Linux: containers need it; run durapod on a Linux machine, or use --runtime sim'],
  ],
  [
    'no overlayfs',
    { overlayProblem: 'wrong fs type' },
    [
      'no overlayfs in the state directory (wrong fs type): choose one on ext4 or xfs with --home, or use --runtime sim',
    ],
  ],
  [
    'no cgroups',
    { cgroupProblem: 'EROFS' },
    ['cgroups cannot be written (EROFS): mount them writable at /sys/fs/cgroup, or use --runtime sim'],
  ],
];

test.each(cases)('%s', (_name, change, expected) => {
  expect(problems({ ...good, ...change }, true)).toEqual(expected);
});

test('simulated containers need only room', () => {
  expect(problems({ ...good, linux: false, root: false, overlayProblem: 'x', cgroupProblem: 'y' }, false)).toEqual([]);
});

test('looking leaves nothing behind', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'durapod-preflight-'));
  try {
    await preflight(directory, join(directory, 'not', 'there'), process.getuid?.() === 0);
    expect(readdirSync(directory)).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true });
  }
  expect(existsSync(directory)).toBe(false);
});

test('a state directory below a file is refused', async () => {
  const file = '/etc/hostname';
  await expect(preflight(join(file, 'home'), tmpdir(), true)).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringContaining(
      `the state directory cannot be written (${file} is not a directory): choose another with --home`,
    ),
  });
});

test('iptables that fails says what to do', async () => {
  await expect(checkIptables('/bin/false')).rejects.toThrow(
    /^iptables does not work: `\/bin\/false -w 5 -t nat -S` ended with code 1\nLoad the kernel's modules/,
  );
});
