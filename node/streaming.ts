import { createHash, timingSafeEqual } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { serveHttps } from '../net/https-server.ts';
import { IDLE_MS, refuse, UpgradeRefused } from '../net/tunnel.ts';
import type { Log } from '../pod/log.ts';
import { type Runtime, RuntimeError } from '../runtime/port.ts';
import { StreamingError } from './streaming-error.ts';
import { serveLog } from './streaming-logs.ts';
import { parseRequest } from './streaming-request.ts';
import { serveUpgrade } from './streaming-upgrade.ts';

export interface StreamingOptions {
  runtime: Runtime;
  /** Directory of all Pods' logs, as the kubelet's `/var/log/pods`. */
  podLogs: string;
  /** Address to listen on; loopback when absent. */
  host?: string;
  /** 0: a free one. */
  port: number;
  /** PEM. */
  tls: { key: string; cert: string };
  /** What the API shows to be let in. */
  token: string;
  log: Pick<Log, 'warn'>;
  /** How long, in ms, an upgraded connection may be silent. */
  idleMs?: number;
}

export interface StreamingServer {
  port: number;
  /** Ends all connections. */
  close(): Promise<void>;
}

/**
 * Starts the node's streaming endpoint: logs, exec, attach and port-forward of its containers, for the API alone, on
 * the paths of the kubelet's own server. Rejects when the address is taken.
 */
export async function startStreaming(options: StreamingOptions): Promise<StreamingServer> {
  const { runtime, podLogs, token, log, idleMs = IDLE_MS } = options;
  const readLog = async (request: IncomingMessage, response: ServerResponse) => {
    try {
      authenticate(request, token);
      const asked = parseRequest(request.url ?? '/');
      if (asked.action !== 'containerLogs') throw new StreamingError(400, 'Upgrade request required');
      if (request.method !== 'GET') throw new StreamingError(405, 'logs are read by GET');
      await serveLog(runtime, podLogs, asked, response);
    } catch (error) {
      const refused = toStreamingError(error, 'the log cannot be read', log);
      if (response.headersSent) return response.destroy();
      const body = refused.toBody();
      response.writeHead(refused.code, { 'content-type': 'application/json', 'content-length': body.length });
      response.end(body);
    }
  };
  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    try {
      authenticate(request, token);
      await serveUpgrade(runtime, parseRequest(request.url ?? '/'), { request, socket, head }, idleMs);
    } catch (error) {
      if (socket.destroyed) return;
      if (error instanceof UpgradeRefused) {
        refuse(socket, error.status, STATUS_CODES[error.status] ?? 'Refused', error.contentType, error.body);
        return;
      }
      const refused = toStreamingError(error, "the container runtime's streaming server cannot be reached", log);
      refuse(socket, refused.code, STATUS_CODES[refused.code] ?? 'Error', 'application/json', refused.toBody());
    }
  };
  const { port, close } = await serveHttps({
    host: options.host,
    port: options.port,
    tls: options.tls,
    maxConnections: 1024,
    requestTimeout: 30_000,
    request: (request, response) => void readLog(request, response),
    upgrade: (request, socket, head) => void upgrade(request, socket, head),
  });
  return { port, close: () => close(0) };
}

/** Compares digests, which have one length, in constant time. */
function authenticate(request: IncomingMessage, token: string): void {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const shown = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  if (!timingSafeEqual(digest(shown), digest(token))) {
    throw new StreamingError(401, 'the node asks for the bearer token that its API knows');
  }
}

function toStreamingError(error: unknown, what: string, log: StreamingOptions['log']): StreamingError {
  if (error instanceof StreamingError) return error;
  if (error instanceof RuntimeError) {
    const codes: Partial<Record<RuntimeError['code'], number>> = { NotFound: 404, Unavailable: 503, Unsupported: 501 };
    return new StreamingError(codes[error.code] ?? 500, error.message, { cause: error });
  }
  log.warn({ err: error }, what);
  const code = (error as NodeJS.ErrnoException).code;
  return new StreamingError(500, `${what} (${code ?? 'see the log of the node'})`, { cause: error });
}
