import { existsSync, lstatSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { homeDirectory, lockHome, openHome, removeHome } from './home.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'durapod-home-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('the flag, then DURAPOD_HOME, then XDG, then the default', () => {
  const fallback = join(homedir(), '.local/state/durapod');
  expect([
    homeDirectory('/a', { DURAPOD_HOME: '/b', XDG_STATE_HOME: '/c' }),
    homeDirectory(undefined, { DURAPOD_HOME: '/b', XDG_STATE_HOME: '/c' }),
    homeDirectory(undefined, { XDG_STATE_HOME: '/c' }),
    homeDirectory(undefined, { XDG_STATE_HOME: 'relative' }),
    homeDirectory(undefined, {}),
  ]).toEqual(['/a', '/b', '/c/durapod', fallback, fallback]);
});

test('a home is made for its owner only, opens again and is removed', () => {
  const root = join(directory, 'deep', 'home');
  const home = openHome(root);
  const modes = [home.root, home.pki, home.run, home.log, home.node].map((path) => statSync(path).mode & 0o777);
  expect(modes).toEqual([0o700, 0o700, 0o700, 0o700, 0o700]);
  expect(openHome(root)).toEqual(home);
  removeHome(home);
  expect(existsSync(root)).toBe(false);
});

test('a directory of something else is neither used nor removed', () => {
  writeFileSync(join(directory, 'precious'), '');
  expect(() => openHome(directory)).toThrow('is not empty and not a state directory of durapod');
  const home = { ...openHome(join(directory, 'home')), root: directory };
  expect(() => removeHome(home)).toThrow('nothing removed');
  expect(existsSync(join(directory, 'precious'))).toBe(true);
});

test('a home of another layout is refused', () => {
  writeFileSync(join(directory, 'durapod-home'), '99\n');
  expect(() => openHome(directory)).toThrow(/has layout 99/);
});

test('one durapod a home', () => {
  const home = openHome(join(directory, 'home'));
  const lock = lockHome(home);
  expect(() => lockHome(home)).toThrow(`durapod already runs on ${home.root} (process ${process.pid}): stop it`);
  lock.release();
  lockHome(home).release();
});

test('sockets of a home with a long path work through a short link', async () => {
  const root = join(directory, 'x'.repeat(100));
  const home = openHome(root);
  expect(readlinkSync(home.run)).toBe(join(root, 'run'));
  const server = createServer().listen(join(home.run, 'containerd.sock.ttrpc'));
  await new Promise((done) => server.once('listening', done));
  expect(lstatSync(join(root, 'run', 'containerd.sock.ttrpc')).isSocket()).toBe(true);
  await new Promise((done) => server.close(done));
  expect(openHome(root)).toEqual(home);
  removeHome(home);
  expect(existsSync(home.run)).toBe(false);
});

test('a link in the way that is not ours is refused', () => {
  const root = join(directory, 'y'.repeat(100));
  const home = openHome(root);
  rmSync(home.run);
  mkdirSync(home.run);
  expect(() => openHome(root)).toThrow('belongs to someone else');
  rmSync(home.run, { recursive: true });
});
