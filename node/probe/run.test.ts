import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Probe } from '../../pod/types.ts';
import { type ExecResult, RuntimeError } from '../../runtime/port.ts';
import { answering, http, https, silent, unused } from '../handlers/test-servers.ts';
import { runProbe } from './run.ts';

const never = new AbortController().signal;
type ExecSync = (id: string, command: string[], timeoutMs: number) => Promise<ExecResult>;
const noExec: ExecSync = () => Promise.reject(new Error('not used'));

function run(probe: Probe, execSync: ExecSync = noExec, signal = never) {
  const target = {
    containerId: 'c1',
    podIP: '127.0.0.1',
    hostNetwork: false,
    ports: [{ name: 'web', containerPort: 8080 }],
    runtime: { execSync },
  };
  return runProbe(probe, target, signal);
}

describe('httpGet', () => {
  const get = (port: number, more: object = {}, probe: Probe = {}) => run({ httpGet: { port, ...more }, ...probe });

  test.each([
    [200, { result: 'success', message: 'body' }],
    [206, { result: 'success', message: 'body' }],
    [302, { result: 'warning', message: 'Probe terminated redirects, Response body: body' }],
    [304, { result: 'warning', message: 'Probe terminated redirects, Response body: ' }],
    [400, { result: 'failure', message: 'GET http://127.0.0.1:PORT/ answered with status code 400' }],
    [503, { result: 'failure', message: 'GET http://127.0.0.1:PORT/ answered with status code 503' }],
  ])('status %i', async (code, expected) => {
    const { port } = await http((_, response) => response.writeHead(code).end('body'));
    expect(await get(port)).toEqual({ ...expected, message: expected.message.replace('PORT', String(port)) });
  });

  test('sends what the kubelet sends, and closes the connection', async () => {
    const { port, open } = await http((request, response) =>
      response.end(JSON.stringify([request.method, request.url, request.rawHeaders])),
    );
    const { message } = await get(port, { path: '/ok?a=b', httpHeaders: [{ name: 'Host', value: 'a.test' }] });
    const headers = ['User-Agent', 'kube-probe/1.36', 'Accept', '*/*', 'Host', 'a.test', 'Connection', 'close'];
    expect(JSON.parse(message)).toEqual(['GET', '/ok?a=b', headers]);
    await expect.poll(() => open.size).toBe(0);
  });

  test('keeps 10 KiB of a body without end, and closes the connection', async () => {
    const { port, open } = await http((_, response) => {
      const timer = setInterval(() => response.write('x'.repeat(4096)), 1);
      response.on('close', () => clearInterval(timer));
    });
    expect(await get(port)).toEqual({ result: 'success', message: 'x'.repeat(10 * 1024) });
    await expect.poll(() => open.size).toBe(0);
  });

  test('HTTPS without looking at the certificate', async () => {
    const { port } = await https((_, response) => response.end('over TLS'));
    const httpHeaders = [{ name: 'Host', value: 'a.test' }];
    expect(await get(port, { scheme: 'HTTPS', httpHeaders })).toEqual({ result: 'success', message: 'over TLS' });
  });

  test('HTTPS to a server without TLS is a failure', async () => {
    const { port } = await http((_, response) => response.end());
    expect(await get(port, { scheme: 'HTTPS' })).toEqual({
      result: 'failure',
      message: `https://127.0.0.1:${port}/: the server does not speak TLS`,
    });
  });

  describe('redirects', () => {
    const hops: RequestListener = (request, response) => {
      const { pathname, search } = new URL(request.url ?? '', 'http://any');
      if (pathname === '/to')
        return response.writeHead(302, { Location: decodeURIComponent(search.slice(1)) }).end('Found');
      const left = Number(pathname.slice(1));
      return left > 0
        ? response.writeHead(307, { Location: `/${left - 1}` }).end()
        : response.end(`at ${request.headers.host}`);
    };
    const from = async (path: (port: number) => string) => {
      const { port } = await http(hops);
      const outcome = await get(port, { path: path(port), httpHeaders: [{ name: 'Host', value: 'a.test' }] });
      return { ...outcome, message: outcome.message.replaceAll(String(port), 'PORT') };
    };

    test.each([
      ['the same host, nine times', () => '/9', { result: 'success', message: 'at a.test' }],
      [
        'the tenth ends it',
        () => '/10',
        { result: 'failure', message: 'http://127.0.0.1:PORT/10: stopped after 10 redirects' },
      ],
      [
        'an absolute location has its own host name',
        (port: number) => `/to?http://127.0.0.1:${port}/0`,
        { result: 'success', message: 'at 127.0.0.1:PORT' },
      ],
      [
        'another host is a warning',
        () => '/to?http://other.test/x',
        { result: 'warning', message: 'Probe terminated redirects, Response body: Found' },
      ],
      [
        'to no URL at all',
        () => '/to?ftp://127.0.0.1/x',
        { result: 'failure', message: 'answered with a redirect to what is no HTTP or HTTPS URL' },
      ],
    ])('%s', async (_, path, expected) => {
      expect(await from(path)).toEqual({
        ...expected,
        message: expect.stringContaining(expected.message),
      });
    });
  });

  test('nobody there is a failure', async () => {
    const port = await unused();
    expect(await get(port)).toEqual({
      result: 'failure',
      message: `http://127.0.0.1:${port}/: connect ECONNREFUSED 127.0.0.1:${port}`,
    });
  });

  test('no answer in time is a failure, and the connection is closed', async () => {
    const { port, open } = await silent();
    const outcome = await get(port, {}, { timeoutSeconds: 0.05 });
    expect(outcome).toEqual({ result: 'failure', message: `http://127.0.0.1:${port}/: timed out after 0.05s` });
    await expect.poll(() => open.size).toBe(0);
  });

  test('an answer that breaks off says nothing, and is tried three times', async () => {
    let requests = 0;
    const { port } = await http((_, response) => {
      requests++;
      response.writeHead(200, { 'Content-Length': 100 }).write('beginning', () => response.destroy());
    });
    expect(await get(port)).toEqual({ result: 'unknown', message: 'the body broke off: aborted' });
    expect(requests).toBe(3);
  });

  test('a body without a length that goes on beyond the time-out says nothing', async () => {
    const { port, open } = await answering('HTTP/1.1 200 OK\r\n\r\nbeginning', { close: false });
    expect(await get(port, {}, { timeoutSeconds: 0.05 })).toEqual({
      result: 'unknown',
      message: 'the body broke off: timed out after 0.05s',
    });
    await expect.poll(() => open.size).toBe(0);
  });

  test.each([true, false])(
    'a switch of protocols is a status like any other, closed by the server: %s',
    async (close) => {
      const head = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';
      const { port, open } = await answering(head, { close });
      expect(await get(port)).toEqual({
        result: 'failure',
        message: `GET http://127.0.0.1:${port}/ answered with status code 101`,
      });
      await expect.poll(() => open.size).toBe(0);
    },
  );

  test.each([
    ['nothing', ''],
    ['half a head', 'HTTP/1.1 200 OK\r\nCont'],
    ['only what comes before an answer', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ])('a connection that is closed after %s is a failure', async (_, bytes) => {
    const { port } = await answering(bytes);
    expect(await get(port)).toEqual({ result: 'failure', message: `http://127.0.0.1:${port}/: socket hang up` });
  });

  test.each([
    ['line feeds alone', 'HTTP/1.1 200 OK\nContent-Length: 4\n\nbody'],
    ['no reason', 'HTTP/1.1 200\r\nContent-Length: 4\r\n\r\nbody'],
    ['HTTP/1.0 and no length', 'HTTP/1.0 200 OK\r\n\r\nbody'],
    ['a megabyte of headers', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(2 ** 20)}\r\nContent-Length: 4\r\n\r\nbody`],
  ])('as lenient as the kubelet: %s', async (_, bytes) => {
    const { port } = await answering(bytes);
    expect(await get(port)).toEqual({ result: 'success', message: 'body' });
  });

  test('a header that cannot be sent is a failure', async () => {
    const { port } = await http((_, response) => response.end());
    expect(await get(port, { httpHeaders: [{ name: 'X', value: 'a\nb' }] })).toEqual({
      result: 'failure',
      message: `http://127.0.0.1:${port}/: Invalid character in header content ["X"]`,
    });
  });
});

describe('tcpSocket', () => {
  test('connects and closes', async () => {
    const { port, open } = await silent();
    expect(await run({ tcpSocket: { port } })).toEqual({ result: 'success', message: '' });
    await expect.poll(() => open.size).toBe(0);
  });

  test('nobody there is a failure', async () => {
    const port = await unused();
    expect(await run({ tcpSocket: { port, host: '127.0.0.1' } })).toEqual({
      result: 'failure',
      message: `tcp://127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
    });
  });
});

describe('grpc', () => {
  async function serve(implemented = true) {
    const server = new Server();
    const path = new URL('../handlers/health.proto', import.meta.url).pathname;
    const { Check } = loadSync(path)['grpc.health.v1.Health'] as unknown as { Check: { path: string } };
    const agents: unknown[] = [];
    if (implemented) {
      server.addService({ Check } as never, {
        Check: ({ request, metadata }: ServerUnaryCall<{ service: string }, object>, reply: sendUnaryData<object>) => {
          agents.push(...metadata.get('user-agent'));
          if (request.service === 'hangs') return;
          if (request.service === 'missing') return reply({ code: status.NOT_FOUND, details: 'no such service' });
          reply(null, { status: request.service === 'down' ? 2 : 1 });
        },
      });
    }
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    onTestFinished(() => server.forceShutdown());
    return { port, agents };
  }

  test.each([
    ['', { result: 'success', message: 'the service is SERVING' }],
    ['down', { result: 'failure', message: 'the service is NOT_SERVING' }],
    ['missing', { result: 'failure', message: ': the health check failed with NOT_FOUND: no such service' }],
    ['hangs', { result: 'failure', message: ': timed out after 0.3s' }],
  ])('service "%s"', async (service, expected) => {
    const { port, agents } = await serve();
    const outcome = await run({ grpc: { port, service }, timeoutSeconds: 0.3 });
    expect(outcome).toEqual({
      ...expected,
      message: expected.message.replace(/^:/, `grpc://127.0.0.1:${port}:`),
    });
    expect(agents).toEqual([expect.stringMatching(/^kube-probe\/1\.36 /)]);
  });

  test('a server without the protocol is a failure', async () => {
    const { port } = await serve(false);
    expect(await run({ grpc: { port } })).toEqual({
      result: 'failure',
      message: `grpc://127.0.0.1:${port}: the server does not implement grpc.health.v1.Health`,
    });
  });

  test('no answer in time is a failure, and the connection is closed', async () => {
    const { port, open } = await silent();
    expect(await run({ grpc: { port }, timeoutSeconds: 0.1 })).toEqual({
      result: 'failure',
      message: `grpc://127.0.0.1:${port}: timed out after 0.1s`,
    });
    await expect.poll(() => open.size).toBe(0);
  });

  test('nobody there is a failure when its time is over, and nobody is tried after that', async () => {
    const port = await unused();
    expect(await run({ grpc: { port }, timeoutSeconds: 0.1 })).toEqual({
      result: 'failure',
      message: `grpc://127.0.0.1:${port}: timed out after 0.1s`,
    });
    const { open } = await silent(port);
    await sleep(1500);
    expect(open.size).toBe(0);
  });
});

describe('exec', () => {
  const exec = (result: Partial<ExecResult>) =>
    run({ exec: { command: ['check', '-v'] }, timeoutSeconds: 2 }, async (id, command, timeoutMs) => {
      expect([id, command, timeoutMs]).toEqual(['c1', ['check', '-v'], 2000]);
      return { exitCode: 0, stdout: '', stderr: '', timedOut: false, ...result };
    });

  test.each<[string, Partial<ExecResult>, object]>([
    ['0 is success', { stdout: 'fine' }, { result: 'success', message: 'fine' }],
    ['else is failure', { exitCode: 2, stderr: 'broken' }, { result: 'failure', message: 'broken' }],
    [
      'a time-out is failure',
      { exitCode: 137, timedOut: true },
      { result: 'failure', message: 'the command "check" timed out after 2s' },
    ],
  ])('%s', async (_, result, expected) => {
    expect(await exec(result)).toEqual(expected);
  });

  test('what the runtime cannot run says nothing, after three attempts', async () => {
    let calls = 0;
    const outcome = await run({ exec: { command: ['x'] } }, () => {
      calls++;
      return Promise.reject(new RuntimeError('Failed', 'no such file: x'));
    });
    expect({ outcome, calls }).toEqual({ outcome: { result: 'unknown', message: 'no such file: x' }, calls: 3 });
  });

  test('a hiccup of the runtime is not the container failing', async () => {
    let calls = 0;
    const outcome = await run({ exec: { command: ['x'] } }, async () => {
      if (++calls < 3) throw new RuntimeError('Unavailable', 'not there');
      return { exitCode: 0, stdout: '', stderr: '', timedOut: false };
    });
    expect(outcome).toEqual({ result: 'success', message: '' });
  });

  test('ends at once when it is cancelled', async () => {
    const controller = new AbortController();
    const outcome = run({ exec: { command: ['x'] } }, () => new Promise(() => {}), controller.signal);
    controller.abort();
    expect(await outcome).toEqual({ result: 'unknown', message: 'cancelled' });
  });
});

test.each<[string, Probe, string]>([
  ['no handler', {}, 'the probe has no handler: give it exec, httpGet, tcpSocket or grpc'],
  [
    'a port name that is not there',
    { tcpSocket: { port: 'admin' } },
    'the container has no port named "admin": name one of its ports, or give a number',
  ],
])('%s says nothing', async (_, probe, message) => {
  expect(await run(probe)).toEqual({ result: 'unknown', message });
});
