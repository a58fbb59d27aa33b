/**
 * Exec, attach, port-forward and logs of real containers, through the node's endpoint to a private containerd. Needs
 * Linux, root and containerd; without them it fails, unless DURAPOD_TEST_NO_CONTAINERD=1 says that this machine is not
 * to be tested with containers.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { cniConfig, containerdCommand, containerdConfig } from '../cli/containerd.ts';
import { BUSYBOX_IMAGES, importImages, PAUSE_IMAGE, writeImageArchive } from '../cli/images.ts';
import { openPki, type Pki } from '../cli/pki.ts';
import { freePort } from '../cli/ports.ts';
import { dial } from '../net/tunnel.ts';
import { openCriRuntime } from '../runtime/cri/runtime.ts';
import { containerSpec, sandboxSpec } from '../runtime/fixtures.ts';
import type { ContainerSpec, Runtime, SandboxSpec } from '../runtime/port.ts';
import { podLogDirectory } from './log-files.ts';
import { type StreamingServer, startStreaming } from './streaming.ts';
import { SpdyConnection } from './streaming-spdy.ts';

if (process.env.DURAPOD_TEST_NO_CONTAINERD === '1') {
  test.skip('left out, as DURAPOD_TEST_NO_CONTAINERD=1 says', () => {});
} else {
  describe('streams of real containers', { timeout: 30_000 }, realStreams);
}

function realStreams(): void {
  let directory: string;
  let containerd: ChildProcess;
  let runtime: Runtime;
  let pki: Pki;
  let streaming: StreamingServer;
  let spec: SandboxSpec;
  let port: number;

  beforeAll(async () => {
    if (process.platform !== 'linux' || process.getuid?.() !== 0)
      throw new Error('needs Linux and root to run containers; DURAPOD_TEST_NO_CONTAINERD=1 leaves these tests out');
    directory = await mkdtemp('/tmp/streaming-');
    containerd = await startContainerd(directory);
    runtime = await openCriRuntime({ socket: join(directory, 'c.sock') });
    pki = await openPki(join(directory, 'pki'));
    const podLogs = join(directory, 'pods');
    streaming = await startStreaming({
      runtime,
      podLogs,
      port: 0,
      tls: pki.node,
      token: pki.tokens.node,
      log: { warn() {} },
    });
    spec = sandboxSpec(directory);
    spec.logDirectory = podLogDirectory(podLogs, spec.pod);
    const sandbox = await runtime.runSandbox(spec);
    const start = async (command: string[], changes: Partial<ContainerSpec>) => {
      const id = await runtime.createContainer(
        sandbox.id,
        containerSpec(spec, BUSYBOX_IMAGES[0] as string, command, changes),
        spec,
      );
      await runtime.startContainer(id);
    };
    port = await freePort('127.0.0.1');
    const serve = `mkdir /www; echo served > /www/index.html; httpd -f -p 127.0.0.1:${port} -h /www`;
    await start(['sh', '-c', serve], { name: 'main' });
    await start(['sh', '-c', 'while read line; do echo "got $line"; done'], { name: 'reader', stdin: true });
  }, 60_000);

  afterAll(async () => {
    await streaming?.close();
    for (const { id } of (await runtime?.listSandboxes({})) ?? []) await runtime.removeSandbox(id);
    await runtime?.close();
    if (containerd?.kill('SIGTERM')) await once(containerd, 'exit');
    if (directory) await rm(directory, { recursive: true, force: true });
  }, 60_000);

  const podPath = () => `${spec.pod.namespace}/${spec.pod.name}/${spec.pod.uid}`;
  const urlOf = (path: string) => `https://127.0.0.1:${streaming.port}${path}`;

  /** A WebSocket to the endpoint, and what it said by channel. */
  function connect(path: string, protocol: string) {
    const headers = { authorization: `Bearer ${pki.tokens.node}` };
    const socket = new WebSocket(urlOf(path), [protocol], { ca: pki.ca.cert, headers });
    const channels: Record<number, string> = {};
    socket.on('message', (message: Buffer) => {
      const channel = message[0] as number;
      channels[channel] = (channels[channel] ?? '') + message.toString('utf8', 1);
    });
    return { socket, channels, closed: once(socket, 'close').then(([code]) => code as number) };
  }

  function exec(command: string[], streams: string, container = 'main') {
    const query = new URLSearchParams(command.map((word): [string, string] => ['command', word]));
    return connect(`/exec/${podPath()}/${container}?${query}&${streams}`, 'v5.channel.k8s.io');
  }

  const success = { metadata: {}, status: 'Success' };

  test('output, errors and exit code', async () => {
    const run = exec(['sh', '-c', 'echo out; echo err >&2; exit 7'], 'output=1&error=1');
    expect(await run.closed).toBe(1000);
    const { 3: status = '', ...outputs } = run.channels;
    expect(outputs).toEqual({ 1: 'out\n', 2: 'err\n' });
    expect(JSON.parse(status)).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '7' }] },
    });
  });

  test('a megabyte in and out; the input ends by the signal of the protocol', async () => {
    const run = exec(['cat'], 'input=1&output=1');
    await once(run.socket, 'open');
    const piece = Buffer.concat([Buffer.from([0]), Buffer.alloc(16 * 1024, 'x')]);
    for (let i = 0; i < 64; i++) run.socket.send(piece);
    run.socket.send(Buffer.from([255, 0]));
    expect(await run.closed).toBe(1000);
    expect(run.channels[1]?.length).toBe(1024 * 1024);
    expect(JSON.parse(run.channels[3] ?? '')).toEqual(success);
  });

  test('a process that ends with its input unread', async () => {
    const run = exec(['true'], 'input=1&output=1');
    await once(run.socket, 'open');
    run.socket.send(Buffer.concat([Buffer.from([0]), Buffer.alloc(16 * 1024, 'x')]));
    expect(await run.closed).toBe(1000);
    expect(JSON.parse(run.channels[3] ?? '')).toEqual(success);
  });

  test('a process that says no more and leaves input unread that has no end', async () => {
    const run = exec(['sh', '-c', 'head -n 1; exec >&- 2>&-; sleep 20'], 'input=1&output=1');
    await once(run.socket, 'open');
    const piece = Buffer.concat([Buffer.from([0]), Buffer.from('y\n'.repeat(8 * 1024))]);
    const feeding = setInterval(() => run.socket.bufferedAmount < 1024 * 1024 && run.socket.send(piece), 1);
    expect(await run.closed).toBe(1000);
    clearInterval(feeding);
    expect(run.channels[1]).toBe('y\n');
    expect(JSON.parse(run.channels[3] ?? '')).toMatchObject({ status: 'Failure', code: 500 });
  });

  test('a terminal has the size it is given', async () => {
    const run = exec(
      ['sh', '-c', 'until [ "$(stty size)" = "33 77" ]; do sleep 0.1; done; stty size'],
      'output=1&tty=1',
    );
    await once(run.socket, 'open');
    run.socket.send(Buffer.from('\x04{"Width":77,"Height":33}'));
    expect(await run.closed).toBe(1000);
    expect(run.channels[1]?.trim().split('\r\n').at(-1)).toBe('33 77');
  });

  test('a command that is not there', async () => {
    const run = exec(['nothere'], 'output=1');
    expect(await run.closed).toBe(1000);
    expect(JSON.parse(run.channels[3] ?? '')).toMatchObject({
      status: 'Failure',
      message: expect.stringContaining('executable file not found in $PATH'),
    });
  });

  test('attach: the input of a running container, and its output', async () => {
    const attached = connect(`/attach/${podPath()}/reader?input=1&output=1`, 'v5.channel.k8s.io');
    await once(attached.socket, 'open');
    attached.socket.send(Buffer.from('\0hello\n'));
    await expect.poll(() => attached.channels[1], { timeout: 5000 }).toBe('got hello\n');
    attached.socket.close();
    expect(await attached.closed).toBe(1005);
  });

  test('older WebSocket protocols are the runtime’s own', async () => {
    const path = `/exec/${podPath()}/main?command=echo&command=hi&output=1`;
    const run = connect(path, 'v4.channel.k8s.io');
    await run.closed;
    expect(run.channels[1]).toBe('hi\n');
  });

  /** Asks for the page through port-forward's streams of one SPDY connection. */
  async function page(spdy: SpdyConnection): Promise<string> {
    const headers = { port: String(port), requestid: '0' };
    const error = await spdy.open({ streamtype: 'error', ...headers });
    error.end();
    const data = await spdy.open({ streamtype: 'data', ...headers });
    data.write('GET / HTTP/1.0\r\n\r\n');
    return text(data);
  }

  const portForward = (headers: Record<string, string>) =>
    dial({
      url: new URL(urlOf(`/portForward/${podPath()}`)),
      method: 'GET',
      headers: { authorization: `Bearer ${pki.tokens.node}`, connection: 'Upgrade', ...headers },
      ca: pki.ca.cert,
    });

  test('port-forward by SPDY', async () => {
    const headers = { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'portforward.k8s.io' };
    const { socket, head } = await portForward(headers);
    const spdy = new SpdyConnection(socket, head);
    expect(await page(spdy)).toContain('served');
    spdy.close();
  });

  test('port-forward by SPDY inside a WebSocket', async () => {
    const protocol = 'SPDY/3.1+portforward.k8s.io';
    const { response, socket, head } = await portForward({
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16).toString('base64'),
      'sec-websocket-protocol': protocol,
    });
    expect(response.headers['sec-websocket-protocol']).toBe(protocol);
    socket.unshift(head);
    const spdy = new SpdyConnection(webSocketStream(socket), Buffer.alloc(0));
    expect(await page(spdy)).toContain('served');
    spdy.close();
  });

  test('the log of what the container said', async () => {
    const log = await new Promise<string>((resolve, reject) => {
      const headers = { authorization: `Bearer ${pki.tokens.node}` };
      const path = `/containerLogs/${podPath()}/reader?tailLines=1`;
      request(urlOf(path), { ca: pki.ca.cert, headers }, (response) => resolve(text(response)))
        .on('error', reject)
        .end();
    });
    expect(log).toBe('got hello\n');
  });
}

/** The client's side of an accepted WebSocket. By hand: client libraries refuse the slash in the protocol's name. */
function webSocketStream(socket: Duplex): Duplex {
  let pending = Buffer.alloc(0);
  const stream = new Duplex({
    read() {},
    write(data: Buffer, _, done) {
      const head = Buffer.from([0x82, 0x80 | 126, data.length >> 8, data.length & 0xff, 0, 0, 0, 0]);
      socket.write(Buffer.concat([head, data]), done);
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2) {
      const short = (pending[1] as number) < 126;
      const length = short ? (pending[1] as number) : pending.length < 4 ? Number.NaN : pending.readUInt16BE(2);
      const start = short ? 2 : 4;
      if (!(pending.length >= start + length)) break;
      stream.push(pending.subarray(start, start + length));
      pending = pending.subarray(start + length);
    }
  });
  return stream;
}

/** A containerd with directories and images of its own, in `directory`; its Pods are on the host's network. */
async function startContainerd(directory: string): Promise<ChildProcess> {
  const socket = join(directory, 'c.sock');
  const cniConfDir = join(directory, 'cni');
  for (const name of ['cni', 'pki', 'pods']) await mkdir(join(directory, name));
  // No Pod here has a network of its own; without one configured containerd would not be ready.
  const network = { bridge: 'durapod-unused', subnet: '10.127.252.0/22', dataDir: join(directory, 'ips') };
  await writeFile(join(cniConfDir, '10-durapod.conflist'), cniConfig(network));
  const settings = { root: join(directory, 'root'), state: join(directory, 'state'), socket, cniConfDir };
  await writeFile(join(directory, 'config.toml'), containerdConfig({ ...settings, pauseImage: PAUSE_IMAGE }));
  const { command, args } = containerdCommand(join(directory, 'config.toml'));
  const containerd = spawn(command, args, { stdio: 'ignore' });
  for (let waited = 0; ; waited += 50) {
    const runtime = await openCriRuntime({ socket }).catch(() => undefined);
    await runtime?.close();
    if (runtime) break;
    if (waited > 20_000 || containerd.exitCode !== null) throw new Error('containerd does not start');
    await delay(50);
  }
  await writeImageArchive(join(directory, 'images.tar'));
  await importImages(socket, join(directory, 'images.tar'));
  return containerd;
}
