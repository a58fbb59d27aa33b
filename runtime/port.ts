/**
 * The port `Runtime`: what durapod asks of a container runtime. Its shape follows CRI v1, so the `cri/` driver is thin;
 * `sim/` simulates it. One suite (`suite.ts`) runs against both.
 *
 * Every verb is safe to repeat: stopping or removing what is gone is success. Creating is not; callers look first
 * (names are deterministic: pod uid, container, attempt).
 */
import type { PodRef } from '../pod/types.ts';

/** Why a call failed, in the words Kubernetes uses for it. `transient` errors are worth repeating as they are. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  readonly code: 'NotFound' | 'AlreadyExists' | 'InvalidImageName' | 'Unavailable' | 'Unsupported' | 'Failed';
  constructor(code: RuntimeError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
  /** The runtime is not there or not ready: nothing was decided, repeat without end. */
  get transient(): boolean {
    return this.code === 'Unavailable';
  }
}

export interface RuntimeInfo {
  name: string;
  version: string;
  /** True when containers are simulated. */
  simulated: boolean;
  ready: boolean;
  networkReady: boolean;
  /** Why it is not ready. */
  message?: string;
  /** It knows `supplementalGroupsPolicy`; one that does not takes every policy for Merge. */
  supplementalGroupsPolicy: boolean;
}

export type NamespaceMode = 'pod' | 'container' | 'node';

export interface SecurityProfile {
  type: 'RuntimeDefault' | 'Unconfined' | 'Localhost';
  localhostRef?: string;
}

/** A process label; a host without SELinux has no use for it, and the runtime leaves it out there. */
export interface SeLinuxLabel {
  user?: string;
  role?: string;
  type?: string;
  level?: string;
}

export interface SandboxSpec {
  pod: PodRef;
  attempt: number;
  hostname: string;
  /** Directory for the logs of its containers. */
  logDirectory: string;
  dns?: { servers: string[]; searches: string[]; options: string[] };
  portMappings: { protocol: 'TCP' | 'UDP' | 'SCTP'; containerPort: number; hostPort: number; hostIP?: string }[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
  sysctls: Record<string, string>;
  namespaces: { network: NamespaceMode; pid: NamespaceMode; ipc: NamespaceMode };
  runAsUser?: number;
  runAsGroup?: number;
  supplementalGroups: number[];
  privileged: boolean;
  seccomp?: SecurityProfile;
  seLinux?: SeLinuxLabel;
  runtimeHandler?: string;
}

export interface Mount {
  containerPath: string;
  hostPath: string;
  readonly: boolean;
  propagation: 'private' | 'hostToContainer' | 'bidirectional';
}

export interface ContainerResources {
  cpuShares?: number;
  cpuQuotaUs?: number;
  cpuPeriodUs?: number;
  memoryLimitBytes?: number;
  oomScoreAdj?: number;
}

export interface ContainerSpec {
  pod: PodRef;
  name: string;
  attempt: number;
  image: string;
  command: string[];
  args: string[];
  workingDir?: string;
  env: { name: string; value: string }[];
  mounts: Mount[];
  devices?: { hostPath: string; containerPath: string; permissions: string }[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Relative to the sandbox's logDirectory. */
  logPath: string;
  stdin: boolean;
  stdinOnce: boolean;
  tty: boolean;
  resources: ContainerResources;
  security: {
    privileged: boolean;
    readonlyRootfs: boolean;
    noNewPrivileges: boolean;
    addCapabilities: string[];
    dropCapabilities: string[];
    runAsUser?: number;
    runAsUsername?: string;
    runAsGroup?: number;
    supplementalGroups: number[];
    supplementalGroupsPolicy?: 'Merge' | 'Strict';
    seccomp?: SecurityProfile;
    seLinux?: SeLinuxLabel;
    unmaskedProc: boolean;
  };
  namespaces: { network: NamespaceMode; pid: NamespaceMode; ipc: NamespaceMode; pidTarget?: string };
  stopSignal?: string;
}

export interface Sandbox {
  id: string;
  pod: PodRef;
  attempt: number;
  ready: boolean;
  /** RFC 3339. */
  createdAt: string;
  /** Addresses, primary first; empty with host networking. Only filled by `runSandbox` and `sandboxStatus`. */
  ips: string[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export type RuntimeContainerState = 'created' | 'running' | 'exited' | 'unknown';

export interface RuntimeContainer {
  id: string;
  sandboxId: string;
  pod: PodRef;
  name: string;
  attempt: number;
  state: RuntimeContainerState;
  image: string;
  /** What the image resolved to (`sha256:...` or a repo digest), for status.imageID. */
  imageRef: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  createdAt: string;
}

export interface RuntimeContainerStatus extends RuntimeContainer {
  startedAt?: string;
  finishedAt?: string;
  exitCode?: number;
  /** The runtime's word: `Completed`, `Error`, `OOMKilled`, `StartError`, `Unknown`. */
  reason?: string;
  message?: string;
  logPath: string;
  /** The process on the host, while it runs. */
  pid?: number;
}

export interface Image {
  /** `sha256:...` of its configuration. */
  id: string;
  repoTags: string[];
  repoDigests: string[];
  sizeBytes: number;
  /** The user of the image: a number or a name. */
  uid?: number;
  username?: string;
  /** The runtime itself needs it (its sandboxes' image), or it was told to keep it: never to be removed. */
  pinned: boolean;
}

/** The file system that images are kept on. */
export interface ImageFileSystem {
  capacityBytes: number;
  availableBytes: number;
  /** Undefined for a file system that makes them as it needs them (btrfs). */
  inodes?: { capacity: number; available: number };
}

export interface ImageCredentials {
  username?: string;
  password?: string;
}

/**
 * A change the runtime reports by itself, within milliseconds. `id` may be a container's or a sandbox's; `deleted` is its
 * removal. `exited` comes first: containerd's own status says `running` for some 45 ms more, while it cleans up.
 */
export type RuntimeEvent =
  | { type: 'started'; id: string; at: string }
  | { type: 'exited'; id: string; at: string; exitCode: number }
  | { type: 'oom'; id: string; at: string }
  | { type: 'deleted'; id: string; at: string };

export interface Filter {
  id?: string;
  podUid?: string;
  sandboxId?: string;
  labels?: Record<string, string>;
}

/** What the runtime does not say is undefined; the disk it measures now and then (containerd: every 10 s). */
export interface ContainerUsage {
  /** Bytes of memory that it uses now, page cache included. */
  memoryBytes?: number;
  /** … without what the kernel would take back first. */
  workingSetBytes?: number;
  /** What it has written beside its mounts. */
  writtenBytes?: number;
  writtenInodes?: number;
}

export interface ExecResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

export interface StreamOptions {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

/** One container runtime: its Pods' sandboxes and containers, its images, and what it reports of them by itself. */
export interface Runtime {
  info(): Promise<RuntimeInfo>;

  /** Creates and starts the sandbox with its network. Throws AlreadyExists when its name (pod uid, attempt) is taken. */
  runSandbox(spec: SandboxSpec): Promise<Sandbox>;
  sandboxStatus(id: string): Promise<Sandbox>;
  listSandboxes(filter: Filter): Promise<Sandbox[]>;
  /** Kills what runs in it and takes its network down. */
  stopSandbox(id: string): Promise<void>;
  removeSandbox(id: string): Promise<void>;

  /** Resolves with the container's id. Throws AlreadyExists when its name (pod uid, container, attempt) is taken. */
  createContainer(sandboxId: string, spec: ContainerSpec, sandbox: SandboxSpec): Promise<string>;
  startContainer(id: string): Promise<void>;
  /** SIGTERM (or the stop signal), `graceSeconds` later SIGKILL; resolves when it has ended. */
  stopContainer(id: string, graceSeconds: number): Promise<void>;
  removeContainer(id: string): Promise<void>;
  listContainers(filter: Filter): Promise<RuntimeContainer[]>;
  containerStatus(id: string): Promise<RuntimeContainerStatus>;
  updateResources(id: string, resources: ContainerResources): Promise<void>;
  /** Runs a command to its end; output is bounded to 16 KiB a stream. */
  execSync(id: string, command: string[], timeoutMs: number): Promise<ExecResult>;
  /** A running container's log goes on in a new file at its path: the one that was there may have been moved away. */
  reopenLog(id: string): Promise<void>;
  /** What containers use, by container's id. */
  usage(filter: Filter): Promise<Map<string, ContainerUsage>>;

  /** URLs of the runtime's own streaming server, which speaks SPDY and the older WebSocket protocols. */
  execUrl(id: string, command: string[], options: StreamOptions): Promise<string>;
  attachUrl(id: string, options: StreamOptions): Promise<string>;
  portForwardUrl(sandboxId: string, ports: number[]): Promise<string>;

  /** The image by any of its names, or undefined when it is not here. Throws InvalidImageName. */
  imageStatus(image: string): Promise<Image | undefined>;
  /** Pulls and resolves with the image's reference. Throws InvalidImageName, Failed, Unavailable. */
  pullImage(image: string, credentials: ImageCredentials | undefined, signal: AbortSignal): Promise<string>;
  listImages(): Promise<Image[]>;
  removeImage(id: string): Promise<void>;
  imageFileSystem(): Promise<ImageFileSystem>;

  /** Changes from now on, until `signal` aborts or the runtime goes away (throws Unavailable). Its first item is `subscribed`: from there nothing is missed. */
  events(signal: AbortSignal): AsyncIterable<RuntimeEvent | { type: 'subscribed' }>;

  /**
   * Creates a file in the running container, as seen from inside it (its mounts included). No symlink leads out of the
   * container's root. Parents must exist. Replaces nothing it cannot replace atomically.
   */
  writeFile(id: string, path: string, content: Uint8Array, mode: number): Promise<void>;

  close(): Promise<void>;
}
