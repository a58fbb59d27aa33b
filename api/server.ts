import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { failureStatus, tooLarge } from './errors.ts';

/** How long, in ms, requests under way may take to finish when the server closes. */
const GRACE_MS = 2_000;
/** The largest body the API reads anywhere. */
const MAX_BODY_BYTES = 3 * 1024 * 1024;

export interface ServeOptions {
  /** The app. `env` is @hono/node-server's bindings. */
  fetch: (
    request: Request,
    env: { incoming: IncomingMessage; outgoing: ServerResponse },
  ) => Response | Promise<Response>;
  /** Takes upgrades; it answers or refuses each, and never rejects. */
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;
  /** Loopback when absent. */
  host?: string;
  /** 0: a free one. */
  port: number;
  /** PEM; `ca` is the authority that client certificates must be from. */
  tls: { key: string; cert: string; ca: string };
}

export interface ApiServer {
  port: number;
  /** Takes no more connections, ends watches and followed logs, lets other requests finish for a moment, and closes. */
  close(): Promise<void>;
}

/** Serves the API over TLS, HTTP/1.1. Client certificates are asked for and optional. Rejects when the address is taken. */
export async function serve(options: ServeOptions): Promise<ApiServer> {
  const listener = getRequestListener((request, env) => options.fetch(request, env as never), {
    overrideGlobalObjects: false,
  });
  const underWay = new Set<ServerResponse>();
  const upgraded = new Set<Duplex>();

  const server = createServer({
    ...options.tls,
    requestCert: true,
    rejectUnauthorized: false,
    // Upgrades exist in HTTP/1.1 only.
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: 10_000,
    maxHeaderSize: 64 * 1024,
    headersTimeout: 10_000,
    requestTimeout: 60_000,
    connectionsCheckingInterval: 5_000,
    // Longer than Kubernetes' clients keep idle connections (90 s), so that none sends into one that is being closed.
    keepAliveTimeout: 120_000,
  });
  server.maxConnections = 4096;

  server.on('request', (request, response) => {
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
    if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return answerTooLarge(response);
    void listener(request, response);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    void options.upgrade(request, socket, head);
  });

  server.listen(options.port, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of upgraded) socket.destroy();
      for (const response of underWay) if (isStream(response)) response.end();
      const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** A response that has begun and goes on: a watch, or a log. */
function isStream(response: ServerResponse): boolean {
  return response.headersSent && !response.writableEnded;
}

function answerTooLarge(response: ServerResponse): void {
  const body = JSON.stringify(failureStatus(tooLarge(MAX_BODY_BYTES)));
  response.writeHead(413, { 'content-type': 'application/json', connection: 'close' });
  response.end(body);
}
