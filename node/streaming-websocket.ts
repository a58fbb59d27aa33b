/**
 * WebSocket in front, SPDY towards the runtime: newer clients speak only WebSocket, and only in protocols that runtimes
 * do not know (Kubernetes KEP-4006).
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, type RawData, type WebSocket, WebSocketServer } from 'ws';
import { dial, IDLE_MS, type Inbound, offered, splice, type Upgraded } from '../net/tunnel.ts';
import { SpdyConnection } from './streaming-spdy.ts';

const CHANNELS = 'v5.channel.k8s.io';
const SPDY_CHANNELS = 'v4.channel.k8s.io';
const TUNNEL = 'SPDY/3.1+portforward.k8s.io';
const SPDY_TUNNEL = 'portforward.k8s.io';

const STDIN = 0;
const ERROR = 3;
const RESIZE = 4;
/** Its next byte names the channel that the client closes. */
const CLOSE = 255;

const MAX_MESSAGE_BYTES = 1024 * 1024;
/** So many bytes may wait for a slow client before the runtime is made to wait. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

/** Output that has ended, and input that does not get on for so long: the process has left it unread. */
const UNREAD_MS = 5_000;
const UNREAD = {
  metadata: {},
  status: 'Failure',
  reason: 'InternalError',
  code: 500,
  message:
    'the output has ended, but the runtime does not say how the process did: it waits for input to be read. Give the input an end before that of the command',
};

/** Which streams an exec or attach has. */
export interface Channels {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

/** True when a client offers a protocol that is translated here; the runtime speaks the others itself. */
export function isTranslated(request: IncomingMessage): boolean {
  const protocols = offered(request.headersDistinct, 'sec-websocket-protocol');
  return isWebSocket(request) && (protocols.includes(CHANNELS) || protocols.includes(TUNNEL));
}

export function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

/** Exec and attach, `v5.channel.k8s.io`. Throws as `dial` does, with nothing written to the client yet. */
export async function translateChannels(inbound: Inbound, url: URL, channels: Channels, idleMs = IDLE_MS) {
  const { socket, head } = await dialSpdy(url, SPDY_CHANNELS, inbound);
  const spdy = new SpdyConnection(socket, head);
  try {
    const open = (streamtype: string) => spdy.open({ streamtype });
    // The order in which Kubernetes' own clients open them.
    const error = await open('error');
    const stdin = channels.stdin ? await open('stdin') : undefined;
    const outputs = new Map<number, Duplex>([[ERROR, error]]);
    if (channels.stdout) outputs.set(1, await open('stdout'));
    if (channels.stderr && !channels.tty) outputs.set(2, await open('stderr'));
    const resize = channels.tty ? await open('resize') : undefined;
    const inputs = new Map<number, Duplex>();
    if (stdin) inputs.set(STDIN, stdin);
    if (resize) inputs.set(RESIZE, resize);
    error.end();
    const client = await accept(inbound, CHANNELS);
    connect(client, spdy, inputs, outputs, idleMs);
  } catch (error) {
    spdy.close();
    throw error;
  }
}

/** Port-forward: the client speaks SPDY itself, inside the WebSocket's messages. */
export async function translateTunnel(inbound: Inbound, url: URL, idleMs = IDLE_MS): Promise<void> {
  const { socket, head } = await dialSpdy(url, SPDY_TUNNEL, inbound);
  const client = createWebSocketStream(await accept(inbound, TUNNEL));
  if (head.length > 0) socket.unshift(head);
  splice(client, socket, idleMs);
}

function dialSpdy(url: URL, protocol: string, inbound: Inbound): Promise<Upgraded> {
  const gone = new AbortController();
  inbound.socket.on('error', () => {});
  inbound.socket.once('close', () => gone.abort());
  return dial(
    {
      url,
      method: 'POST',
      headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocol },
    },
    gone.signal,
  );
}

/** Completes the handshake. The library does not take a slash in a protocol's name, so it is not shown the header. */
function accept({ request, socket, head }: Inbound, protocol: string): Promise<WebSocket> {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
  });
  server.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${protocol}`));
  delete request.headers['sec-websocket-protocol'];
  return new Promise((resolve, reject) => {
    socket.once('close', () => reject(new Error('the client has gone')));
    server.handleUpgrade(request, socket, head, resolve);
  });
}

function connect(
  client: WebSocket,
  spdy: SpdyConnection,
  inputs: Map<number, Duplex>,
  outputs: Map<number, Duplex>,
  idleMs: number,
): void {
  const idle = setTimeout(() => client.terminate(), idleMs);
  client.on('ping', () => idle.refresh());
  client.on('error', () => client.terminate());
  client.on('close', () => {
    clearTimeout(idle);
    spdy.close();
  });

  client.on('message', (message: RawData) => {
    idle.refresh();
    const [channel, content] = split(message);
    if (channel === CLOSE) inputs.get(content[0] ?? -1)?.end();
    const input = inputs.get(channel ?? -1);
    if (!input?.writable || content.length === 0 || input.write(content)) return;
    client.pause();
    input.once('drain', () => client.resume());
  });
  // A process may end with its input unread: that is no error of the connection.
  for (const input of inputs.values()) input.on('error', () => {}).on('close', () => client.resume());

  const end = () => {
    // What the client still sends is read and dropped: its side of the closing comes behind it.
    for (const input of inputs.values()) input.destroy();
    client.resume();
    client.close(1000);
  };
  let open = outputs.size;
  for (const [channel, output] of outputs) {
    output.on('data', (data: Buffer) => {
      idle.refresh();
      client.send(Buffer.concat([Buffer.from([channel]), data]), () => {
        if (client.bufferedAmount < MAX_BUFFERED_BYTES) output.resume();
      });
      if (client.bufferedAmount > MAX_BUFFERED_BYTES) output.pause();
    });
    output.on('error', () => {});
    output.on('end', () => {
      open--;
      if (open === 0) end();
      else if (open === 1 && channel !== ERROR) {
        const unread = onceUnread([...inputs.values()], () => {
          client.send(Buffer.concat([Buffer.from([ERROR]), Buffer.from(JSON.stringify(UNREAD))]));
          end();
        });
        client.on('close', () => clearInterval(unread));
      }
    });
  }
}

/** Calls `then` when input has been stuck for UNREAD_MS. */
function onceUnread(inputs: Duplex[], then: () => void): NodeJS.Timeout {
  let since = performance.now();
  const looking = setInterval(() => {
    if (!inputs.some((input) => input.writableNeedDrain)) since = performance.now();
    if (performance.now() - since < UNREAD_MS) return;
    clearInterval(looking);
    then();
  }, UNREAD_MS / 10);
  return looking;
}

function split(message: RawData): [number | undefined, Buffer] {
  const bytes = Array.isArray(message) ? Buffer.concat(message) : Buffer.from(message as Buffer);
  return [bytes[0], bytes.subarray(1)];
}
