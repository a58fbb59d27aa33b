import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  Client,
  type ClientUnaryCall,
  Metadata,
  type MethodDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { PlainConnections } from '../../runtime/plain-connections.ts';
import { hostPort } from './target.ts';
import { PROBE_USER_AGENT } from './user-agent.ts';

interface HealthService {
  Check: MethodDefinition<{ service: string }, { status: string }>;
}

const protocol = loadSync(fileURLToPath(new URL('health.proto', import.meta.url)), { enums: String, defaults: true });
const { Check } = protocol['grpc.health.v1.Health'] as unknown as HealthService;

/**
 * Asks a server without TLS for the health of a service ('' for the server as a whole); resolves with its word, such as
 * `SERVING`. As in the kubelet, a server that refuses is tried again until the signal aborts. Rejects when there is no
 * answer, and with the signal's reason.
 */
export async function grpcHealth(host: string, port: number, service: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const connections = new Connections();
  const client = new Client(hostPort(host, port), connections.credentials, {
    'grpc.primary_user_agent': PROBE_USER_AGENT,
    'grpc.enable_channelz': 0,
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.use_local_subchannel_pool': 1,
  });
  let call: ClientUnaryCall | undefined;
  try {
    return await new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      call = client.makeUnaryRequest(
        Check.path,
        Check.requestSerialize,
        Check.responseDeserialize,
        { service },
        new Metadata({ waitForReady: true }),
        (error, answer) => (answer ? resolve(answer.status) : reject(new Error(reasonOf(error)))),
      );
    });
  } finally {
    call?.cancel();
    client.close();
    connections.close();
  }
}

/** A client that is closed leaves a connection open on which the server has not answered the handshake: these are not. */
class Connections {
  readonly #sockets: Socket[] = [];
  #closed = false;

  readonly credentials = new PlainConnections((socket) => {
    // One may still come about after the close.
    if (this.#closed) socket.destroy();
    else this.#sockets.push(socket);
  });

  close(): void {
    this.#closed = true;
    for (const socket of this.#sockets) socket.destroy();
  }
}

function reasonOf(error: ServiceError | null): string {
  if (error?.code === status.UNIMPLEMENTED) return 'the server does not implement grpc.health.v1.Health';
  return error ? `the health check failed with ${status[error.code]}: ${error.details}` : 'the answer was empty';
}
