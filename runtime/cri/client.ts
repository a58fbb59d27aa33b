/** The connection to the runtime's socket: typed unary calls with a deadline each, and server streams. */
import { fileURLToPath } from 'node:url';
import { type ClientReadableStream, Client as GrpcClient, Metadata, type MethodDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { toRuntimeError } from './errors.ts';
import { heldConnections } from './held-connection.ts';

/** Units: milliseconds. A sandbox includes its network, which may be slow; the kubelet waits as long. */
export const DEADLINES = { sandbox: 240_000, default: 120_000 } as const;

/** Output of exec is cut by the runtime at 16 MiB; a message may be that and its envelope. */
const MAX_MESSAGE_BYTES = 33 * 1024 * 1024;

const LOADER_OPTIONS = { longs: String, enums: String, defaults: true } as const;
// biome-ignore lint/suspicious/noExplicitAny: methods take and return the messages of messages.ts
type Method = MethodDefinition<any, any>;
type Service = Record<string, Method>;

const cri = loadSync(fileURLToPath(new URL('cri.proto', import.meta.url)), LOADER_OPTIONS);
const containerd = loadSync(fileURLToPath(new URL('containerd-events.proto', import.meta.url)), LOADER_OPTIONS);

/** The services, by the names calls use. */
export const SERVICES = {
  runtime: cri['runtime.v1.RuntimeService'] as unknown as Service,
  image: cri['runtime.v1.ImageService'] as unknown as Service,
  events: containerd['containerd.services.events.v1.Events'] as unknown as Service,
} as const;

/** Decodes one of the messages that containerd puts into an event's envelope. */
export function decodeEvent<T>(message: 'TaskStart' | 'TaskExit' | 'TaskOOM' | 'ContainerDelete', bytes: Buffer): T {
  const definition = containerd[`containerd.services.events.v1.${message}`];
  return (definition as unknown as { deserialize(bytes: Buffer): T }).deserialize(bytes);
}

export interface CallOptions {
  /** Milliseconds; DEADLINES.default when absent, none when `Infinity`. */
  deadlineMs?: number;
  signal?: AbortSignal | undefined;
}

export class CriClient {
  readonly socket: string;
  readonly #grpc: GrpcClient;

  /** `socket` is the path of the runtime's unix socket. Connects with the first call, and again after the runtime restarts. */
  constructor(socket: string) {
    this.socket = socket;
    this.#grpc = new GrpcClient(`unix://${socket}`, heldConnections(), {
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      // A restarted runtime is back within a second; the defaults (1 s doubling to 2 min) would miss it for long.
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.min_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1000,
      'grpc.service_config_disable_resolution': 1,
    });
  }

  /** One call. Throws RuntimeError; a call ended by its signal throws the signal's reason. */
  call<T>(service: keyof typeof SERVICES, name: string, request: object, options: CallOptions = {}): Promise<T> {
    const method = methodOf(service, name);
    const { deadlineMs = DEADLINES.default, signal } = options;
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => call.cancel();
      const call = this.#grpc.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        metadata(),
        { deadline: deadlineMs === Number.POSITIVE_INFINITY ? deadlineMs : Date.now() + deadlineMs },
        (error, response) => {
          signal?.removeEventListener('abort', onAbort);
          if (!error) resolve(response as T);
          else if (signal?.aborted) reject(signal.reason);
          else reject(toRuntimeError(error, name, this.socket));
        },
      );
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** A server stream; it ends with an error of the kind toRuntimeError takes, or by `cancel()`. */
  stream<T>(service: keyof typeof SERVICES, name: string, request: object): ClientReadableStream<T> {
    const method = methodOf(service, name);
    return this.#grpc.makeServerStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize as (bytes: Buffer) => T,
      request,
      metadata(),
    );
  }

  close(): void {
    this.#grpc.close();
  }
}

function methodOf(service: keyof typeof SERVICES, name: string): Method {
  const method = SERVICES[service][name];
  if (!method) throw new Error(`${service} has no method ${name}`);
  return method;
}

/** containerd's own services want the namespace that its CRI plugin works in; CRI ignores it. */
function metadata(): Metadata {
  const metadata = new Metadata();
  metadata.set('containerd-namespace', 'k8s.io');
  return metadata;
}
