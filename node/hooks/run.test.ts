import { describe, expect, test } from 'vitest';
import type { ExecResult } from '../../runtime/port.ts';
import { RuntimeError } from '../../runtime/port.ts';
import { http, https, silent, unused } from '../handlers/test-servers.ts';
import { type Hook, runHook } from './run.ts';

const never = new AbortController().signal;
type ExecSync = (id: string, command: string[], timeoutMs: number) => Promise<ExecResult>;
const noExec: ExecSync = () => Promise.reject(new Error('not used'));

function run(hook: Hook, { execSync = noExec, timeoutMs = 5000, signal = never } = {}) {
  const target = { containerId: 'c1', podIP: '127.0.0.1', hostNetwork: false, ports: [], runtime: { execSync } };
  return runHook(hook, target, { timeoutMs, signal });
}

describe('exec', () => {
  const exec = (result: Partial<ExecResult>) =>
    run(
      { exec: { command: ['prepare'] } },
      { execSync: async () => ({ exitCode: 0, stdout: '', stderr: '', timedOut: false, ...result }) },
    );

  test.each<[string, Partial<ExecResult>, object]>([
    ['0', { stdout: 'done' }, { ok: true, output: 'done', message: '' }],
    [
      'another exit code',
      { exitCode: 4, stderr: 'secret' },
      { ok: false, output: 'secret', message: 'the command exited with 4' },
    ],
    [
      'the time-out',
      { timedOut: true, exitCode: 137, stdout: 'so far' },
      { ok: false, output: 'so far', message: 'the command timed out after 5s' },
    ],
  ])('%s', async (_, result, expected) => {
    expect(await exec(result)).toEqual(expected);
  });

  test('the runtime cannot run it', async () => {
    const execSync = () => Promise.reject(new RuntimeError('Failed', 'no such file: prepare'));
    expect(await run({ exec: { command: ['prepare'] } }, { execSync })).toEqual({
      ok: false,
      output: '',
      message: 'no such file: prepare',
    });
  });
});

describe('httpGet', () => {
  test('any answer will do', async () => {
    const asked: unknown[] = [];
    const { port, open } = await http((request, response) => {
      asked.push(request.headers['user-agent']);
      response.writeHead(500).end('not to be shown');
    });
    expect(await run({ httpGet: { port } })).toEqual({ ok: true, output: '', message: '' });
    expect(asked).toEqual(['kube-lifecycle/1.36']);
    await expect.poll(() => open.size).toBe(0);
  });

  test('an answer that breaks off too', async () => {
    const { port } = await http((_, response) => {
      response.writeHead(200, { 'Content-Length': 100 }).write('beginning', () => response.destroy());
    });
    expect(await run({ httpGet: { port } })).toEqual({ ok: true, output: '', message: '' });
  });

  test('HTTPS', async () => {
    const asked: unknown[] = [];
    const { port } = await https((request, response) => {
      asked.push(request.headers.authorization);
      response.end();
    });
    const httpHeaders = [{ name: 'Authorization', value: 'Bearer x' }];
    expect(await run({ httpGet: { port, scheme: 'HTTPS', httpHeaders } })).toEqual({
      ok: true,
      output: '',
      message: '',
    });
    expect(asked).toEqual(['Bearer x']);
  });

  test('HTTPS to a server that speaks HTTP falls back, without its credentials', async () => {
    const asked: unknown[] = [];
    const { port } = await http((request, response) => {
      asked.push(request.headers.authorization);
      response.end();
    });
    const httpHeaders = [{ name: 'authorization', value: 'Bearer x' }];
    expect(await run({ httpGet: { port, scheme: 'HTTPS', path: '/a?b', httpHeaders } })).toEqual({
      ok: true,
      output: '',
      message: `https://127.0.0.1:${port}/a does not speak TLS: asked again by plain HTTP`,
    });
    expect(asked).toEqual([undefined]);
  });

  test('nobody there', async () => {
    const port = await unused();
    expect(await run({ httpGet: { port, scheme: 'HTTPS' } })).toEqual({
      ok: false,
      output: '',
      message: `GET https://127.0.0.1:${port}/: connect ECONNREFUSED 127.0.0.1:${port}`,
    });
  });

  test('no answer in time', async () => {
    const { port, open } = await silent();
    expect(await run({ httpGet: { port } }, { timeoutMs: 50 })).toEqual({
      ok: false,
      output: '',
      message: `GET http://127.0.0.1:${port}/: timed out after 0.05s`,
    });
    await expect.poll(() => open.size).toBe(0);
  });
});

describe('sleep', () => {
  test('sleeps', async () => {
    expect(await run({ sleep: { seconds: 0.01 } })).toEqual({ ok: true, output: '', message: '' });
    expect(await run({ sleep: { seconds: 0 } })).toEqual({ ok: true, output: '', message: '' });
  });

  test('longer than there is time', async () => {
    expect(await run({ sleep: { seconds: 60 } }, { timeoutMs: 20 })).toEqual({
      ok: false,
      output: '',
      message: 'timed out after 0.02s',
    });
  });

  test('cut short', async () => {
    const controller = new AbortController();
    const hook = run({ sleep: { seconds: 60 } }, { signal: controller.signal });
    controller.abort();
    expect(await hook).toEqual({ ok: false, output: '', message: 'cancelled before it ended' });
  });
});

test.each<[string, Hook, string]>([
  [
    'tcpSocket',
    { tcpSocket: { port: 80 } },
    'tcpSocket is not supported in lifecycle hooks: use exec, httpGet or sleep',
  ],
  ['no handler', {}, 'the hook has no handler: give it exec, httpGet or sleep'],
  [
    'an unknown port',
    { httpGet: { port: 'x' } },
    'the container has no port named "x": name one of its ports, or give a number',
  ],
])('%s fails', async (_, hook, message) => {
  expect(await run(hook)).toEqual({ ok: false, output: '', message });
});
