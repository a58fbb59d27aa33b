import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { serveHttps } from '../net/https-server.ts';
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
  const server = await serveHttps({
    host: options.host,
    port: options.port,
    tls: options.tls,
    maxConnections: 4096,
    requestTimeout: 60_000,
    // Longer than Kubernetes' clients keep idle connections (90 s), so that none sends into one that is being closed.
    keepAliveTimeout: 120_000,
    request(request, response) {
      underWay.add(response);
      response.once('close', () => underWay.delete(response));
      if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return answerTooLarge(response);
      void listener(request, response);
    },
    upgrade: (request, socket, head) => void options.upgrade(request, socket, head),
  });
  return {
    port: server.port,
    close() {
      const closed = server.close(GRACE_MS);
      for (const response of underWay) if (isStream(response)) response.end();
      return closed;
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
