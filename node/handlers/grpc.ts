import { fileURLToPath } from 'node:url';
import {
  Client,
  type ClientUnaryCall,
  credentials,
  type MethodDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
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
  const client = new Client(hostPort(host, port), credentials.createInsecure(), {
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
      client.waitForReady(Number.POSITIVE_INFINITY, (unready) => {
        // Also told when the client is closed after an abort.
        if (unready) return reject(unready);
        call = client.makeUnaryRequest(
          Check.path,
          Check.requestSerialize,
          Check.responseDeserialize,
          { service },
          (error, answer) => (answer ? resolve(answer.status) : reject(new Error(reasonOf(error)))),
        );
      });
    });
  } finally {
    call?.cancel();
    client.close();
  }
}

function reasonOf(error: ServiceError | null): string {
  if (error?.code === status.UNIMPLEMENTED) return 'the server does not implement grpc.health.v1.Health';
  return error ? `the health check failed with ${status[error.code]}: ${error.details}` : 'the answer was empty';
}
