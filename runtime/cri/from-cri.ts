/** CRI's answers in the port's types. */
import type { Image, RuntimeContainer, RuntimeContainerState, RuntimeContainerStatus, Sandbox } from '../port.ts';
import { IMAGE_ANNOTATION, LABELS } from './labels.ts';
import type {
  ContainerMessage,
  ContainerStatusMessage,
  ImageMessage,
  SandboxMessage,
  TimestampMessage,
} from './messages.ts';

const STATES: Record<ContainerMessage['state'], RuntimeContainerState> = {
  CONTAINER_CREATED: 'created',
  CONTAINER_RUNNING: 'running',
  CONTAINER_EXITED: 'exited',
  CONTAINER_UNKNOWN: 'unknown',
};

/** RFC 3339 with nanoseconds, of nanoseconds since 1970. */
export function fromNanos(nanos: string | bigint): string {
  const total = BigInt(nanos);
  return fromTimestamp({ seconds: String(total / 1_000_000_000n), nanos: Number(total % 1_000_000_000n) });
}

/** RFC 3339 with nanoseconds. */
export function fromTimestamp({ seconds, nanos }: TimestampMessage): string {
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(nanos).padStart(9, '0')}Z`;
}

export function toSandbox(message: SandboxMessage): Sandbox {
  const ips = message.network ? [message.network.ip, ...message.network.additionalIps.map(({ ip }) => ip)] : [];
  return {
    id: message.id,
    pod: {
      namespace: message.metadata?.namespace ?? '',
      name: message.metadata?.name ?? '',
      uid: message.metadata?.uid ?? '',
    },
    attempt: message.metadata?.attempt ?? 0,
    ready: message.state === 'SANDBOX_READY',
    createdAt: fromNanos(message.createdAt),
    ips: ips.filter((ip) => ip !== ''),
    labels: message.labels,
    annotations: message.annotations,
  };
}

export function toContainer(message: ContainerMessage): RuntimeContainer {
  return {
    id: message.id,
    sandboxId: message.podSandboxId,
    pod: {
      namespace: message.labels[LABELS.podNamespace] ?? '',
      name: message.labels[LABELS.podName] ?? '',
      uid: message.labels[LABELS.podUid] ?? '',
    },
    name: message.metadata?.name ?? '',
    attempt: message.metadata?.attempt ?? 0,
    state: STATES[message.state],
    image: message.annotations[IMAGE_ANNOTATION] || message.image?.image || '',
    imageRef: message.imageRef,
    labels: message.labels,
    annotations: message.annotations,
    createdAt: fromNanos(message.createdAt),
  };
}

/** `details` is what the verbose answer says beside: the runtimes' own JSON, of which only these two are read. */
export function toContainerStatus(
  message: ContainerStatusMessage,
  details: { sandboxId: string; pid?: number },
): RuntimeContainerStatus {
  const exited = message.state === 'CONTAINER_EXITED';
  const status: RuntimeContainerStatus = {
    ...toContainer({ ...message, podSandboxId: details.sandboxId }),
    logPath: message.logPath,
  };
  if (message.startedAt !== '0') status.startedAt = fromNanos(message.startedAt);
  if (exited) {
    if (message.finishedAt !== '0') status.finishedAt = fromNanos(message.finishedAt);
    status.exitCode = message.exitCode;
  }
  if (message.reason) status.reason = message.reason;
  if (message.message) status.message = message.message;
  if (status.state === 'running' && details.pid) status.pid = details.pid;
  return status;
}

export function toImage(message: ImageMessage): Image {
  const image: Image = {
    id: message.id,
    repoTags: message.repoTags,
    repoDigests: message.repoDigests,
    sizeBytes: Number(message.size),
    pinned: message.pinned,
  };
  if (message.uid) image.uid = Number(message.uid.value);
  if (message.username) image.username = message.username;
  return image;
}
