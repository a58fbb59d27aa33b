import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { Readable } from 'node:stream';
import { IDLE_MS, type Inbound, isFor, pass, upgradeHeaders } from '../../net/tunnel.ts';

const RESPONSE_MS = 30_000;

/** Where a node's streaming endpoint listens. */
export interface NodeAddress {
  /** The node's name, which its certificate must carry: addresses may change. */
  name: string;
  host: string;
  port: number;
}

/** The way to the nodes' streaming endpoints. `path` begins with a slash and may carry a query. */
export interface NodeConnector {
  /** A GET; its answer's body streams. Rejects when the node cannot be reached, and when `signal` aborts. */
  fetch(node: NodeAddress, path: string, signal: AbortSignal): Promise<Response>;
  /** Passes an upgrade through. Rejects, with nothing written to the client yet, as `dial` does. */
  upgrade(node: NodeAddress, path: string, inbound: Inbound): Promise<void>;
}

export interface ConnectorOptions {
  /** PEM of the CA that nodes' certificates are from. */
  ca: string;
  /** The bearer token that nodes ask for. */
  token: string;
  /** How long, in ms, an upgraded connection may be silent. */
  idleMs?: number;
}

/** Reaches nodes over TLS. */
export function createNodeConnector({ ca, token, idleMs = IDLE_MS }: ConnectorOptions): NodeConnector {
  const authorization = `Bearer ${token}`;
  return {
    async fetch(node, path, signal) {
      const response = await get(node, path, ca, authorization, signal);
      return new Response(Readable.toWeb(response) as ReadableStream<Uint8Array>, {
        status: response.statusCode,
        headers: { 'content-type': response.headers['content-type'] ?? 'text/plain' },
      });
    },

    upgrade(node, path, inbound) {
      const method = inbound.request.method ?? 'GET';
      const headers = { ...upgradeHeaders(inbound.request), authorization };
      return pass(inbound, { url: urlOf(node, path), method, headers, ca, identity: node.name }, idleMs);
    },
  };
}

function urlOf({ host, port }: NodeAddress, path: string): URL {
  return new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}${path}`);
}

function get(
  node: NodeAddress,
  path: string,
  ca: string,
  authorization: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(urlOf(node, path), {
      ca,
      ...isFor(node.name),
      headers: { authorization },
      agent: false,
      signal,
    });
    const timer = setTimeout(() => outgoing.destroy(new Error('no answer in time')), RESPONSE_MS);
    outgoing.on('close', () => clearTimeout(timer));
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    outgoing.end();
  });
}
