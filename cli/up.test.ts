import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from './ports.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
let directory: string;
const running: ChildProcess[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'durapod-up-'));
});
afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  for (const name of ['one', 'two']) await durapod('down', '--home', join(directory, name));
  rmSync(directory, { recursive: true });
});

/** Runs the command to its end. */
function durapod(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { timeout: 60_000 }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
    });
  });
}

/** Starts it, and resolves when it says that it is up. */
async function start(...args: string[]): Promise<{ child: ChildProcess; said: () => string }> {
  const child = spawn(process.execPath, [MAIN, ...args, '--runtime', 'sim'], { stdio: ['ignore', 'ignore', 'pipe'] });
  running.push(child);
  let text = '';
  child.stderr!.on('data', (chunk) => {
    text += chunk;
  });
  while (!text.includes('Ctrl-C stops durapod')) {
    if (child.exitCode !== null) throw new Error(text);
    await new Promise((done) => setTimeout(done, 50));
  }
  return { child, said: () => text };
}

const steps = (text: string) => text.replaceAll(/[\d.]+ s$/gm, 'T').split('\n');

test('two homes side by side: up, in use, killed, again, stopped, removed', async () => {
  const one = join(directory, 'one');
  const two = join(directory, 'two');
  const [portOne, portTwo] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')];
  const flags = ['--home', one, '--port', String(portOne), '--node-name', 'box'];
  const [first, second] = await Promise.all([
    start('demo', ...flags),
    start('up', '--home', two, '--port', String(portTwo)),
  ]);
  expect(steps(first.said())).toEqual(
    expect.arrayContaining([
      'containers are SIMULATED (--runtime sim): no program really runs',
      'Temporal … T',
      'API and workflows … T',
      'node box … T',
      'durapod is up … T',
      'creating pod/myapp-pod … T',
      'Pod myapp-pod: Init:0/2: waits for init container init-myapp to succeed',
      `API          https://127.0.0.1:${portOne}`,
    ]),
  );
  expect(second.said()).toContain(`https://127.0.0.1:${portTwo}`);
  expect(statSync(join(one, 'kubeconfig')).mode & 0o777).toBe(0o600);

  const found = await durapod('status', '--home', one, '--json');
  expect({ code: found.code, ...JSON.parse(found.out) }).toEqual({
    code: 0,
    home: one,
    durapod: first.child.pid,
    api: { url: `https://127.0.0.1:${portOne}`, ready: true },
    temporal: 'running',
    temporalUi: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    temporalCli: expect.stringMatching(/^\/.*\/temporal --address 127\.0\.0\.1:\d+$/),
    kubeconfig: join(one, 'kubeconfig'),
  });
  const [program = '', ...words] = JSON.parse(found.out).temporalCli.split(' ');
  const listed = await promisify(execFile)(program, ['workflow', 'list', '--output', 'jsonl', ...words]);
  expect(listed.stdout).toContain('"pod/default/myapp-pod/');
  const again = await durapod('up', '--home', one, '--runtime', 'sim');
  expect([again.code, again.err]).toEqual([
    1,
    expect.stringContaining(`durapod already runs on ${one} (process ${first.child.pid}): stop it`),
  ]);

  const killed = once(first.child, 'exit');
  first.child.kill('SIGKILL');
  await killed;
  const third = await start('demo', ...flags.filter((flag) => flag !== '--port' && flag !== String(portOne)));
  expect(steps(third.said())).toEqual(
    expect.arrayContaining(['Temporal (ran already) … T', 'creating pod/myapp-pod (it is there already) … T']),
  );

  const stopped = once(third.child, 'exit');
  third.child.kill('SIGTERM');
  expect(await stopped).toEqual([0, null]);
  expect(third.said()).toContain('stopping (Pods go on running; again to end at once)');
  expect((await durapod('status', '--home', one)).code).toBe(3);

  const ended = once(second.child, 'exit');
  const removed = await durapod('down', '--home', two);
  expect([removed.code, existsSync(two), await ended]).toEqual([0, false, [0, null]]);
}, 90_000);

test.each(['--temporal', '--temporal-namespace'])(
  'a node takes no %s: its join file says where Temporal is',
  async (flag) => {
    const { code, err } = await durapod('node', '--join', join(directory, 'join.json'), flag, 'x');
    expect([code, err.split('\n')[0]]).toEqual([1, `error: unknown option '${flag}'`]);
  },
);

test('a busy port is one line with what to do', async () => {
  const home = join(directory, 'one');
  const port = await freePort('127.0.0.1');
  const { createServer } = await import('node:net');
  const server = createServer().listen(port, '127.0.0.1');
  try {
    const { code, err } = await durapod('up', '--home', home, '--port', String(port), '--runtime', 'sim');
    expect([code, err]).toEqual([
      1,
      `durapod: port ${port} for API is in use: choose another with --port, or see who has it with \`ss -ltnp sport = :${port}\`\n`,
    ]);
  } finally {
    server.close();
  }
});
