import { WebSocketServer } from 'ws';
import { type Inbound, offered } from '../../net/tunnel.ts';
import { badRequest } from '../errors.ts';
import { openLog, type StreamDeps } from './log.ts';

/** How a piece of a log becomes a message, by WebSocket protocol; a client that offers none gets the first. */
const PROTOCOLS: Record<string, (piece: Uint8Array) => Uint8Array | string> = {
  'binary.k8s.io': (piece) => piece,
  'base64.binary.k8s.io': (piece) => Buffer.from(piece).toString('base64'),
};

/** A log over WebSocket, for browsers: one message a piece, and a normal closure at its end. Throws ApiError. */
export async function serveLogWebSocket(
  deps: StreamDeps,
  inbound: Inbound,
  namespace: string,
  name: string,
  params: URLSearchParams,
): Promise<void> {
  const { request, socket, head } = inbound;
  if (request.headers.upgrade?.toLowerCase() !== 'websocket')
    throw badRequest('a log is read by a plain GET or WebSocket');
  const protocols = offered(request.headersDistinct, 'sec-websocket-protocol');
  const protocol = protocols.find((one) => one in PROTOCOLS);
  if (protocols.length > 0 && !protocol) {
    throw badRequest(`offer one of the WebSocket protocols ${Object.keys(PROTOCOLS).join(', ')}`);
  }
  const encode = PROTOCOLS[protocol ?? 'binary.k8s.io'] as (piece: Uint8Array) => Uint8Array | string;

  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  const body = await openLog(deps, namespace, name, params, gone.signal);
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: 1024,
    handleProtocols: () => protocol ?? false,
  });
  server.handleUpgrade(request, socket, head, async (client) => {
    client.on('error', () => client.terminate());
    try {
      // Each message waits for the one before to be on its way: a slow client holds up the node, not our memory.
      for await (const piece of body) await send((done) => client.send(encode(piece), done));
      client.close(1000);
    } catch {
      // The node went away in the middle, or the client did.
      client.close(1011);
    }
  });
}

function send(write: (done: (error?: Error) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => write((error) => (error ? reject(error) : resolve())));
}
