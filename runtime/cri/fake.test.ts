/** What the containerd of the tests does not do by itself: CRI's own event stream, and each kind of failure. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
  status,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sandboxSpec } from '../fixtures.ts';
import type { Runtime, RuntimeError } from '../port.ts';
import { SERVICES } from './client.ts';
import { openCriRuntime } from './runtime.ts';

type Answer = object | { code: status; details: string } | ((request: Record<string, unknown>) => object);

let directory: string;
let server: Server;
let runtime: Runtime;
let answers: Record<string, Answer>;
let stream: Promise<ServerWritableStream<object, object>>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fake-'));
  const socket = join(directory, 'c.sock');
  answers = { Version: { runtimeName: 'fake', runtimeVersion: '1' } };
  const unary =
    (name: string) => (call: ServerUnaryCall<Record<string, unknown>, object>, done: sendUnaryData<object>) => {
      const answer = answers[name] ?? { code: status.UNKNOWN, details: `no answer for ${name}` };
      if ('code' in answer) done(answer as { code: status; details: string });
      else if (!('hangs' in answer)) done(null, typeof answer === 'function' ? answer(call.request) : answer);
    };
  const { promise, resolve } = Promise.withResolvers<ServerWritableStream<object, object>>();
  stream = promise;
  server = new Server();
  for (const service of [SERVICES.runtime, SERVICES.image]) {
    const handlers = Object.keys(service).map((name): [string, UntypedHandleCall] => [
      name,
      name === 'GetContainerEvents' ? resolve : unary(name),
    ]);
    server.addService(service as ServiceDefinition, Object.fromEntries(handlers));
  }
  const { promise: bound, ...binding } = Promise.withResolvers<void>();
  server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), (error) =>
    error ? binding.reject(error) : binding.resolve(),
  );
  await bound;
  runtime = await openCriRuntime({ socket });
});

afterEach(async () => {
  await runtime.close();
  server.forceShutdown();
  await rm(directory, { recursive: true });
});

test.each([
  [status.NOT_FOUND, 'no such container', 'NotFound', 'no such container'],
  [status.UNAVAILABLE, 'shutting down', 'Unavailable', /c\.sock does not answer \(is it running\?\): shutting down/],
  [status.UNKNOWN, 'server is not initialized yet', 'Unavailable', 'not initialized yet'],
  [status.DEADLINE_EXCEEDED, 'context deadline exceeded', 'Unavailable', /took too long for StartContainer/],
  [status.ALREADY_EXISTS, 'it exists', 'AlreadyExists', 'it exists'],
  [status.UNKNOWN, 'failed to reserve: name "a_b" is reserved for "id"', 'AlreadyExists', 'is reserved for'],
  [status.UNIMPLEMENTED, 'unknown service', 'Unsupported', /has no CRI v1 StartContainer/],
  [status.UNKNOWN, 'failed to parse: invalid reference format', 'InvalidImageName', 'invalid reference format'],
  [status.UNKNOWN, 'OCI runtime create failed', 'Failed', 'OCI runtime create failed'],
])('the runtime answers %s «%s»: %s', async (code, details, expected, message) => {
  answers.StartContainer = { code, details };
  const error = await runtime.startContainer('x').catch((error) => error);
  expect(error.code).toBe(expected);
  expect(error.message).toMatch(message);
  expect(error.transient).toBe(expected === 'Unavailable');
});

describe('what the runtime itself gave up waiting for is a failure, and no reason to ask again at once', () => {
  const spec = sandboxSpec('/logs');
  const calls: Record<string, () => Promise<unknown>> = {
    PullImage: () => runtime.pullImage('app', undefined, new AbortController().signal),
    RunPodSandbox: () => runtime.runSandbox(spec),
  };
  test.each([
    [
      'PullImage',
      status.DEADLINE_EXCEEDED,
      'failed to do request: Head "https://r/v2/": dial tcp: i/o timeout',
      'Failed',
    ],
    ['PullImage', status.CANCELLED, 'failed to pull and unpack image "r/x:1": context canceled', 'Failed'],
    ['RunPodSandbox', status.DEADLINE_EXCEEDED, 'failed to get sandbox image: dial tcp: i/o timeout', 'Failed'],
    ['RunPodSandbox', status.CANCELLED, 'failed to get sandbox image: context canceled', 'Failed'],
    ['RunPodSandbox', status.DEADLINE_EXCEEDED, 'Deadline exceeded after 240.001s', 'Unavailable'],
    ['PullImage', status.CANCELLED, 'Call cancelled', 'Unavailable'],
    ['PullImage', status.CANCELLED, 'Received RST_STREAM with code 8', 'Unavailable'],
    ['PullImage', status.UNAVAILABLE, 'shutting down', 'Unavailable'],
  ])('%s: %i %s', async (name, code, details, expected) => {
    answers[name] = { code, details };
    const error = (await calls[name]!().catch((e) => e)) as RuntimeError;
    expect({ code: error.code, message: error.message }).toEqual({
      code: expected,
      message: expected === 'Failed' ? details : expect.stringContaining(details),
    });
  });
});

test('stopping and removing what is gone is success', async () => {
  for (const name of ['StopContainer', 'RemoveContainer', 'StopPodSandbox', 'RemovePodSandbox', 'RemoveImage'])
    answers[name] = { code: status.NOT_FOUND, details: 'gone' };
  await runtime.stopContainer('x', 1);
  await runtime.removeContainer('x');
  await runtime.stopSandbox('x');
  await runtime.removeSandbox('x');
  await runtime.removeImage('x');
});

test('not ready, and why; what it does not say, it does not support', async () => {
  answers.Status = {
    status: {
      conditions: [
        { type: 'RuntimeReady', status: true },
        { type: 'NetworkReady', status: false, reason: 'NetworkPluginNotReady', message: 'cni plugin not initialized' },
      ],
    },
  };
  expect(await runtime.info()).toEqual({
    name: 'fake',
    version: '1',
    simulated: false,
    ready: true,
    networkReady: false,
    message: 'NetworkReady is false: NetworkPluginNotReady: cni plugin not initialized',
    supplementalGroupsPolicy: false,
  });
  answers.Status = { status: { conditions: [] }, features: { supplementalGroupsPolicy: true } };
  expect(await runtime.info()).toMatchObject({ supplementalGroupsPolicy: true });
});

test('exec: the ways runtimes say that it took too long', async () => {
  const timedOut = { exitCode: -1, stdout: '', stderr: '', timedOut: true };
  answers.ExecSync = { hangs: true };
  expect(await runtime.execSync('x', ['sleep'], 100)).toEqual(timedOut);
  answers.ExecSync = {
    code: status.UNKNOWN,
    details: 'failed to exec: timeout 1s exceeded: context deadline exceeded',
  };
  expect(await runtime.execSync('x', ['sleep'], 5000)).toEqual(timedOut);
  answers.ExecSync = { exitCode: -1, stderr: Buffer.from('command timed out') };
  expect(await runtime.execSync('x', ['sleep'], 5000)).toEqual({ ...timedOut, stderr: 'command timed out' });
  answers.ExecSync = { exitCode: 0, stdout: Buffer.alloc(100_000, 'x') };
  expect((await runtime.execSync('x', ['yes'], 5000)).stdout).toBe('x'.repeat(16 * 1024));
});

test('a pull: its credentials go along, its signal ends it, what the registry lacks is a failure', async () => {
  answers.PullImage = (request) => ({ imageRef: JSON.stringify(request.auth) });
  const pull = (signal = new AbortController().signal) =>
    runtime.pullImage('app', { username: 'me', password: 'pw' }, signal);
  expect(JSON.parse(await pull())).toMatchObject({ username: 'me', password: 'pw' });
  answers.PullImage = { hangs: true };
  await expect(pull(AbortSignal.timeout(50))).rejects.toMatchObject({ name: 'TimeoutError' });
  answers.PullImage = { code: status.NOT_FOUND, details: 'failed to resolve reference: not found' };
  await expect(pull()).rejects.toMatchObject({ code: 'Failed' });
});

test("a runtime without containerd's events service: CRI's own events", async () => {
  const stop = new AbortController();
  const seen: unknown[] = [];
  const watching = (async () => {
    for await (const event of runtime.events(stop.signal)) {
      seen.push(event);
      if (event.type !== 'subscribed') continue;
      const out = await stream;
      const send = (containerId: string, containerEventType: string, containersStatuses: object[] = []) =>
        out.write({ containerId, containerEventType, createdAt: '1000000000', containersStatuses });
      const killed = { id: 'a', exitCode: 137, reason: 'OOMKilled', finishedAt: '2000000000' };
      send('a', 'CONTAINER_CREATED_EVENT');
      send('a', 'CONTAINER_STARTED_EVENT');
      send('a', 'CONTAINER_STOPPED_EVENT', [{ id: 'b', exitCode: 1 }, killed]);
      send('box', 'CONTAINER_STOPPED_EVENT');
      send('a', 'CONTAINER_DELETED_EVENT');
    }
  })();
  const [one, two] = ['1970-01-01T00:00:01.000000000Z', '1970-01-01T00:00:02.000000000Z'];
  await expect
    .poll(() => seen)
    .toEqual([
      { type: 'subscribed' },
      { type: 'started', id: 'a', at: one },
      { type: 'oom', id: 'a', at: two },
      { type: 'exited', id: 'a', at: two, exitCode: 137 },
      { type: 'exited', id: 'box', at: one, exitCode: 255 },
      { type: 'deleted', id: 'a', at: one },
    ]);
  stop.abort();
  await watching;
});

test('events end with Unavailable when the runtime goes away', async () => {
  const watching = Array.fromAsync(runtime.events(new AbortController().signal)).catch((error) => error);
  (await stream).end();
  expect(await watching).toMatchObject({ code: 'Unavailable' });
});
