/** What all servers of durapod have in common: TLS, bounds on what clients may do, and an orderly end. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface HttpsOptions {
  /** Loopback when absent. */
  host?: string;
  /** 0: a free one. */
  port: number;
  /** PEM; with `ca`, clients are asked for a certificate of it, which they may leave out. */
  tls: { key: string; cert: string; ca?: string };
  maxConnections: number;
  /** How long, in ms, a client may take to send a request. */
  requestTimeout: number;
  /** How long, in ms, a connection may be idle between requests; Node's default when absent. */
  keepAliveTimeout?: number;
  request(request: IncomingMessage, response: ServerResponse): void;
  /** It answers or refuses each upgrade. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface HttpsServer {
  port: number;
  /** Takes no more connections and ends upgraded ones; requests under way have `graceMs` to finish. */
  close(graceMs: number): Promise<void>;
}

/** Listens. Rejects when the address is taken. */
export async function serveHttps(options: HttpsOptions): Promise<HttpsServer> {
  const { tls, maxConnections, requestTimeout, keepAliveTimeout } = options;
  const settings: ServerOptions = {
    ...tls,
    requestCert: tls.ca !== undefined,
    rejectUnauthorized: false,
    // Upgrades exist in HTTP/1.1 only.
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: 10_000,
    maxHeaderSize: 64 * 1024,
    headersTimeout: 10_000,
    requestTimeout,
    connectionsCheckingInterval: 5_000,
    ...(keepAliveTimeout !== undefined && { keepAliveTimeout }),
  };
  const server = createServer(settings, options.request);
  server.maxConnections = maxConnections;
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    options.upgrade(request, socket, head);
  });

  server.listen(options.port, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close(graceMs) {
      const closed = once(server, 'close');
      server.close();
      for (const socket of upgraded) socket.destroy();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}
