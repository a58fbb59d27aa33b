import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockOwner, tryLock, withLock } from './file-lock.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'durapod-lock-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('one holder at a time, its pid is known', () => {
  const path = join(directory, 'lock');
  const lock = tryLock(path);
  expect([tryLock(path), lockOwner(path)]).toEqual([undefined, process.pid]);
  lock?.release();
  const again = tryLock(path);
  expect(again).toBeDefined();
  again?.release();
});

test('the lock of a process killed with -9 is free at once', async () => {
  const path = join(directory, 'lock');
  const module = new URL('./file-lock.ts', import.meta.url).href;
  const script = `import { tryLock } from '${module}'; globalThis.lock = tryLock('${path}'); console.log('held'); setInterval(() => {}, 1e6);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  expect([tryLock(path), lockOwner(path)]).toEqual([undefined, holder.pid]);
  const exited = once(holder, 'exit');
  holder.kill('SIGKILL');
  await exited;
  const lock = tryLock(path);
  expect(lock).toBeDefined();
  lock?.release();
});

test('withLock runs one after the other and says that it waits', async () => {
  const path = join(directory, 'lock');
  const events: unknown[] = [];
  const first = withLock(path, 5000, async () => {
    events.push('first begins');
    await new Promise((done) => setTimeout(done, 150));
    events.push('first ends');
  });
  const second = withLock(
    path,
    5000,
    async () => events.push('second'),
    (owner) => events.push(`waits for ${owner}`),
  );
  await Promise.all([first, second]);
  expect(events).toEqual(['first begins', `waits for ${process.pid}`, 'first ends', 'second']);
});

test('withLock gives up in time', async () => {
  const path = join(directory, 'lock');
  const lock = tryLock(path);
  await expect(withLock(path, 50, async () => {})).rejects.toMatchObject({
    name: 'UserError',
    message: `process ${process.pid} still holds the lock ${path}: wait for its end, or end it with \`kill ${process.pid}\`, then try again`,
  });
  lock?.release();
});
