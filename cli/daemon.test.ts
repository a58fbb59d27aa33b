import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Daemon, type DaemonOptions } from './daemon.ts';
import { isRunning, parseIdentity } from './process.ts';

let directory: string;
let lines: string[];
const daemons: Daemon[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'durapod-daemon-'));
  lines = [];
});
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.stop(200);
  await Daemon.stopRecorded(join(directory, 'pid'), 200);
  rmSync(directory, { recursive: true });
});

/** A program that counts its starts in `starts`, says by its id in `ready` that it is ready, and waits. */
const SCRIPT = 'echo started >>starts; echo hello; echo $$ >ready; while :; do sleep 0.05; done';

function daemon(script = SCRIPT, more: Partial<DaemonOptions> = {}): Daemon {
  const made = new Daemon({
    name: 'program',
    command: 'sh',
    args: ['-c', `cd ${directory} && ${script}`],
    processFile: join(directory, 'pid'),
    logFile: join(directory, 'log'),
    ready: async () => {
      // One that an earlier process left says nothing of this one.
      if (readyProcess() !== made.pid) throw new Error('no file "ready"');
    },
    readyTimeoutMs: 3000,
    log: (line) => lines.push(line.replace(/process \d+/, 'process N')),
    ...more,
  });
  daemons.push(made);
  return made;
}

function readyProcess(): number | undefined {
  const file = join(directory, 'ready');
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
}

const starts = () => readFileSync(join(directory, 'starts'), 'utf8').split('\n').length - 1;
const alive = (pid: number | undefined) => pid !== undefined && existsSync(`/proc/${pid}`) && !zombie(pid);
const zombie = (pid: number) => / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

test('starts, is ready, stops', async () => {
  const program = daemon();
  expect(await program.start()).toEqual({ adopted: false });
  const pid = program.pid;
  expect([alive(pid), starts(), readFileSync(join(directory, 'log'), 'utf8')]).toEqual([true, 1, 'hello\n']);
  await program.stop(2000);
  expect([alive(pid), existsSync(join(directory, 'pid')), lines]).toEqual([false, false, []]);
});

test('what ignores SIGTERM is killed after the grace period', async () => {
  const program = daemon(`trap '' TERM; ${SCRIPT}`);
  await program.start();
  const pid = program.pid;
  const began = performance.now();
  await program.stop(300);
  expect(performance.now() - began).toBeGreaterThan(290);
  expect(alive(pid)).toBe(false);
});

test('killed with -9 it is started again, and says so', async () => {
  const onRestart = vi.fn();
  const program = daemon(SCRIPT, { onRestart });
  await program.start();
  const first = program.pid!;
  process.kill(first, 'SIGKILL');
  await vi.waitFor(() => expect(onRestart).toHaveBeenCalledTimes(1), 5000);
  expect([program.pid === first, alive(program.pid), starts()]).toEqual([false, true, 2]);
  expect(lines).toEqual(['program ended with SIGKILL: restarting it in 200 ms', 'program is back (process N)']);
});

test('a start that fails is repeated with back-off', async () => {
  const onRestart = vi.fn();
  const program = daemon(`if [ -e ready ] && [ ! -e good ]; then echo bad >&2; exit 3; fi; ${SCRIPT}`, { onRestart });
  await program.start();
  process.kill(program.pid!, 'SIGKILL');
  await vi.waitFor(() => expect(lines.filter((line) => line.includes('restarting')).length).toBe(2), 5000);
  writeFileSync(join(directory, 'good'), '');
  await vi.waitFor(() => expect(onRestart).toHaveBeenCalledTimes(1), 5000);
  expect(lines).toEqual([
    'program ended with SIGKILL: restarting it in 200 ms',
    `program ended with code 3 (sh; its log is ${join(directory, 'log')})\n  bad`,
    'program ended with code 3: restarting it in 400 ms',
    'program is back (process N)',
  ]);
});

test('taken over after durapod was killed, and supervised then', async () => {
  const before = daemon();
  await before.start();
  const pid = before.pid;
  await before.release();
  const onRestart = vi.fn();
  const after = daemon(SCRIPT, { onRestart });
  expect([await after.start(), after.pid, starts()]).toEqual([{ adopted: true }, pid, 1]);
  process.kill(pid!, 'SIGKILL');
  await vi.waitFor(() => expect(onRestart).toHaveBeenCalledTimes(1), 5000);
  expect([alive(after.pid), starts()]).toEqual([true, 2]);
});

test('it really survives durapod killed with -9', async () => {
  const module = new URL('./daemon.ts', import.meta.url).href;
  const options = JSON.stringify({
    name: 'program',
    command: 'sh',
    args: ['-c', `cd ${directory} && ${SCRIPT}`],
    processFile: join(directory, 'pid'),
    logFile: join(directory, 'log'),
    readyTimeoutMs: 3000,
  });
  const code = `import { Daemon } from '${module}'; const d = new Daemon({ ...${options}, ready: async () => {}, log() {} });
    await d.start(); console.log(d.pid); setInterval(() => {}, 1e6);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = Number(String(await once(parent.stdout, 'data')));
  const exited = once(parent, 'exit');
  parent.kill('SIGKILL');
  await exited;
  const program = daemon();
  expect([await program.start(), program.pid, starts()]).toEqual([{ adopted: true }, pid, 1]);
});

test('an instance with other arguments is replaced', async () => {
  const before = daemon();
  await before.start();
  const pid = before.pid;
  await before.release();
  const after = daemon(`: ; ${SCRIPT}`);
  expect(await after.start()).toEqual({ adopted: false });
  expect([alive(pid), alive(after.pid), starts()]).toEqual([false, true, 2]);
});

test('an instance that hangs is replaced', async () => {
  const before = daemon();
  await before.start();
  await before.release();
  rmSync(join(directory, 'ready'));
  const after = daemon(SCRIPT, { readyTimeoutMs: 400 });
  expect(await after.start()).toEqual({ adopted: false });
  expect(lines).toEqual(['program (process N) runs but is not ready after 0 s: no file "ready": starting it anew']);
});

test('a process that reuses its pid is left alone', async () => {
  const before = daemon();
  await before.start();
  await before.stop(1000);
  const stranger = spawn('sleep', ['60']);
  try {
    const stat = readFileSync(`/proc/${stranger.pid}/stat`, 'utf8').trim();
    const started = parseIdentity(stat)!.started;
    // The same pid, but from a process that started at another time.
    writeFileSync(join(directory, 'pid'), `${stat.replace(` ${started} `, ` ${Number(started) - 1} `)}\nfingerprint\n`);
    expect(Daemon.isHeld(join(directory, 'pid'))).toBe(false);
    const after = daemon();
    expect(await after.start()).toEqual({ adopted: false });
    await after.stop(1000);
    expect([alive(stranger.pid), isRunning({ pid: stranger.pid!, started })]).toEqual([true, true]);
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('what does not become ready fails clearly and is gone', async () => {
  const log = join(directory, 'log');
  const cases: [string, Partial<DaemonOptions>, string][] = [
    ['echo one; echo two >&2; exit 7', {}, `program ended with code 7 (sh; its log is ${log})\n  one\n  two`],
    [
      'echo waiting; sleep 60',
      { readyTimeoutMs: 300 },
      `program is not ready after 0 s: no file "ready" (sh; its log is ${log})\n  waiting`,
    ],
    [
      'sleep 60',
      { readyTimeoutMs: 300, ready: () => new Promise(() => {}) },
      `program is not ready after 0 s: it has not been asked (sh; its log is ${log})`,
    ],
  ];
  for (const [script, more, message] of cases) {
    const program = daemon(script, more);
    await expect(program.start()).rejects.toThrow(message);
    expect([program.pid, Daemon.isHeld(join(directory, 'pid'))]).toEqual([undefined, false]);
  }
  const missing = daemon('', { command: join(directory, 'nothing'), args: [] });
  await expect(missing.start()).rejects.toThrow(
    /^program cannot be started \(.*nothing; its log is [^)]*\)\n {2}.*not found/,
  );
});

test('a start can be given up', async () => {
  const abort = new AbortController();
  const starting = daemon('sleep 60', { readyTimeoutMs: 60_000 }).start(abort.signal);
  await sleep(100);
  abort.abort(new Error('given up'));
  await expect(starting).rejects.toThrow('given up');
  expect(Daemon.isHeld(join(directory, 'pid'))).toBe(false);
});

test('its log is bounded while it runs and kept over a restart', async () => {
  const program = daemon(`head -c 5000 /dev/zero; ${SCRIPT}`, { maxLogBytes: 1000 });
  await program.start();
  const log = join(directory, 'log');
  await vi.waitFor(() => expect(statSync(log).size).toBeLessThan(1000), 3000);
  expect(statSync(`${log}.1`).size).toBe(5006);
  await program.stop(1000);
  await program.start();
  expect(existsSync(`${log}.1`)).toBe(true);
});

test('an identity is read whatever the program is called', () => {
  const stat = execFileSync('cat', ['/proc/self/stat'], { encoding: 'utf8' });
  const odd = stat.replace('(cat)', '(a) R (b)');
  expect(parseIdentity(odd)).toEqual(parseIdentity(stat));
  expect(parseIdentity(' 123 Tue Nov 24 16:55:29 2026\n')).toEqual({ pid: 123, started: 'Tue Nov 24 16:55:29 2026' });
  expect(['', 'junk', '-1 x'].map(parseIdentity)).toEqual([undefined, undefined, undefined]);
});
