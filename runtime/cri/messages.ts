/**
 * What the runtime answers, as `proto-loader` shapes it with the options in client.ts: fields in camel case, enums as
 * their names, 64-bit integers as decimal strings, absent messages as null.
 */

export interface SandboxMessage {
  id: string;
  metadata: { name: string; uid: string; namespace: string; attempt: number } | null;
  state: 'SANDBOX_READY' | 'SANDBOX_NOTREADY';
  /** Nanoseconds since 1970. */
  createdAt: string;
  /** Absent in lists. */
  network?: { ip: string; additionalIps: { ip: string }[] } | null;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export interface ContainerMessage {
  id: string;
  podSandboxId: string;
  metadata: { name: string; attempt: number } | null;
  image: { image: string } | null;
  imageRef: string;
  state: 'CONTAINER_CREATED' | 'CONTAINER_RUNNING' | 'CONTAINER_EXITED' | 'CONTAINER_UNKNOWN';
  createdAt: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export interface ContainerStatusMessage extends Omit<ContainerMessage, 'podSandboxId'> {
  startedAt: string;
  finishedAt: string;
  exitCode: number;
  reason: string;
  message: string;
  logPath: string;
}

export interface ImageMessage {
  id: string;
  repoTags: string[];
  repoDigests: string[];
  size: string;
  uid: { value: string } | null;
  username: string;
  pinned: boolean;
}

export interface FilesystemUsageMessage {
  fsId: { mountpoint: string } | null;
  usedBytes: { value: string } | null;
  inodesUsed: { value: string } | null;
}

export interface ContainerStatsMessage {
  attributes: { id: string } | null;
  memory: { workingSetBytes: { value: string } | null; usageBytes: { value: string } | null } | null;
  writableLayer: FilesystemUsageMessage | null;
}

export interface ContainerEventMessage {
  containerId: string;
  containerEventType:
    | 'CONTAINER_CREATED_EVENT'
    | 'CONTAINER_STARTED_EVENT'
    | 'CONTAINER_STOPPED_EVENT'
    | 'CONTAINER_DELETED_EVENT';
  createdAt: string;
  containersStatuses: ContainerStatusMessage[];
}

export interface EnvelopeMessage {
  timestamp: TimestampMessage | null;
  namespace: string;
  topic: string;
  event: { typeUrl: string; value: Buffer } | null;
}

export interface TimestampMessage {
  seconds: string;
  nanos: number;
}

export interface TaskStartMessage {
  containerId: string;
}

export interface TaskExitMessage {
  containerId: string;
  id: string;
  exitStatus: number;
  exitedAt: TimestampMessage | null;
}
