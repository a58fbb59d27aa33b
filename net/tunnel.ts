/** Upgraded connections, passed through byte by byte: the API's and the node's ends of exec, attach and port-forward. */
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';

/** How long, in ms, the other end may take to answer an upgrade. */
const DIAL_MS = 30_000;
/** How long, in ms, a connection may stay open after one of its sides has ended. */
const LINGER_MS = 10_000;
/** How long, in ms, a connection may be silent; the kubelet's and containerd's own default. */
export const IDLE_MS = 4 * 60 * 60_000;
const MAX_REFUSAL_BYTES = 64 * 1024;

/** A request to upgrade, as Node's `upgrade` event hands it over. */
export interface Inbound {
  request: IncomingMessage;
  socket: Duplex;
  /** What came behind the request already. */
  head: Buffer;
}

/** Where to dial. */
export interface Target {
  url: URL;
  method: string;
  headers: Record<string, string | string[]>;
  /** PEM of the authority that the other end's certificate must be from. */
  ca?: string;
  /** Whom the certificate must be for; the URL's host when absent. */
  identity?: string;
}

/** The other end's 101. */
export interface Upgraded {
  response: IncomingMessage;
  socket: Duplex;
  head: Buffer;
}

/** The other end answered, and not with 101. */
export class UpgradeRefused extends Error {
  override readonly name = 'UpgradeRefused';
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  constructor(status: number, contentType: string, body: Buffer) {
    super(`the upgrade was refused with ${status}`);
    this.status = status;
    this.contentType = contentType;
    this.body = body;
  }
}

/** Headers that make up an upgrade, repeated ones kept apart: SPDY's streams are negotiated by repeating a header. */
export function upgradeHeaders(request: IncomingMessage): Record<string, string[]> {
  const wanted = /^(upgrade|connection|x-stream-protocol-version|sec-websocket-.+|origin)$/;
  return Object.fromEntries(
    Object.entries(request.headersDistinct).flatMap(([name, values]) =>
      values && wanted.test(name) ? [[name, values]] : [],
    ),
  );
}

/** Protocols offered under a header that may be repeated or hold a list. */
export function offered(headers: NodeJS.Dict<string[]> | IncomingHttpHeaders, name: string): string[] {
  return [headers[name] ?? []]
    .flat()
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter(Boolean);
}

/** Asks the other end to upgrade. Throws UpgradeRefused with its answer, or what the connection failed with. */
export function dial(target: Target, signal?: AbortSignal): Promise<Upgraded> {
  return new Promise((resolve, reject) => {
    const request = target.url.protocol === 'https:' ? requestHttps : requestHttp;
    const { url, method, headers, ca, identity } = target;
    const outgoing = request(url, { method, headers, ca, ...isFor(identity), agent: false, signal });
    const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${DIAL_MS / 1000} s`)), DIAL_MS);
    outgoing.on('close', () => clearTimeout(timer));
    outgoing.on('error', reject);
    outgoing.on('upgrade', (response, socket, head) => {
      clearTimeout(timer);
      socket.on('error', () => {});
      resolve({ response, socket, head });
    });
    outgoing.on('response', (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size <= MAX_REFUSAL_BYTES) parts.push(part);
        else response.destroy();
      });
      response.on('error', reject);
      response.on('close', () => {
        const type = response.headers['content-type'] ?? 'text/plain';
        reject(new UpgradeRefused(response.statusCode ?? 502, type, Buffer.concat(parts)));
      });
    });
    outgoing.end();
  });
}

/** TLS options that want the certificate of `identity`, under whatever address it is reached; none when it is absent. */
export function isFor(identity: string | undefined): Pick<ConnectionOptions, 'checkServerIdentity'> {
  return identity ? { checkServerIdentity: (_host, certificate) => checkServerIdentity(identity, certificate) } : {};
}

/** Dials, hands the 101 on and connects the two. Throws as `dial` does, with nothing written to the client yet. */
export async function pass(inbound: Inbound, target: Target, idleMs = IDLE_MS): Promise<void> {
  const gone = new AbortController();
  inbound.socket.on('error', () => {});
  inbound.socket.once('close', () => gone.abort());
  const { response, socket, head } = await dial(target, gone.signal);
  const lines = [`HTTP/1.1 101 ${response.statusMessage || 'Switching Protocols'}`];
  for (let i = 0; i < response.rawHeaders.length; i += 2) {
    lines.push(`${response.rawHeaders[i]}: ${response.rawHeaders[i + 1]}`);
  }
  inbound.socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  if (head.length > 0) inbound.socket.write(head);
  if (inbound.head.length > 0) socket.write(inbound.head);
  splice(inbound.socket, socket, idleMs);
}

/**
 * Connects two streams until both have ended. When one fails or closes, so does the other; when one only ends, the
 * other has a little time to end too; when neither says anything for `idleMs`, both are closed.
 */
export function splice(a: Duplex, b: Duplex, idleMs = IDLE_MS): void {
  let idle: NodeJS.Timeout | undefined;
  let linger: NodeJS.Timeout | undefined;
  const close = () => {
    clearTimeout(idle);
    clearTimeout(linger);
    a.destroy();
    b.destroy();
  };
  const active = () => {
    // Restarted only once set: `refresh` costs nothing, a new timer for each chunk would.
    if (idle) idle.refresh();
    else idle = setTimeout(close, idleMs);
  };
  active();
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    prepare(from);
    from.on('data', active);
    from.on('error', close);
    from.on('end', () => {
      linger ??= setTimeout(close, LINGER_MS);
    });
    // What was read before the close is still written; the end that `pipe` sends comes behind it.
    from.on('close', () => (from.readableEnded && !to.writableFinished ? to.once('finish', close) : close()));
    from.pipe(to);
  }
}

/** Small messages go at once, a dead peer is noticed, and no time-out of the server's requests cuts in. */
function prepare(stream: Duplex): void {
  const socket = stream as Partial<import('node:net').Socket>;
  socket.setNoDelay?.(true);
  socket.setKeepAlive?.(true, 60_000);
  socket.setTimeout?.(0);
}

/** Answers an upgrade that is refused, on its bare socket, and closes it. */
export function refuse(socket: Duplex, status: number, reason: string, contentType: string, body: Buffer): void {
  if (socket.destroyed) return;
  socket.on('error', () => {});
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]));
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}
