/**
 * What a workflow asks of the world: the activities of the control side (local, on the store) and of a node (on its own
 * task queue). They carry references and outcomes, never environment values or Secrets. A container's failure is a
 * result, not an activity failure: those are left to the infrastructure, and Temporal repeats them.
 */
import type { Exit } from './record.ts';
import type { Allocation, Refusal } from './resize.ts';
import type { Requirements } from './resources.ts';
import type { PodRef, PodStatus } from './types.ts';

/** An event to be shown by `kubectl describe`; a repeat of the same reason, message and container counts up. */
export interface PodEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** Container it is about, with the list it stands in. */
  container?: { name: string; list: 'initContainers' | 'containers' | 'ephemeralContainers' };
  /** When it happened, RFC 3339 with milliseconds. */
  at: string;
  /** The first occurrence of the same: with `sequence`, which counts a Pod's events, it names the event for good. */
  firstAt: string;
  sequence: number;
  /** Occurrences so far, this one included. */
  count: number;
}

export interface Binding {
  nodeName: string;
  hostIP: string;
  hostIPs: string[];
}

/** Why the node will not run a Pod that was put on it. */
export interface Rejection {
  reason: string;
  message: string;
}

/** What a Pod's workflow has done beside it, on the store: its binding, its status and events, its end. */
export interface ControlActivities {
  /** Chooses a node and writes it into the Pod; says why when there is none. */
  bindPod(
    pod: PodRef,
  ): Promise<{ binding: Binding; rejection?: Rejection } | { unschedulable: string } | { gone: true }>;
  /** Whether the node has room for what a Pod wants now instead of what it has. */
  admitResize(input: {
    pod: PodRef;
    nodeName: string;
    wanted: Allocation;
  }): Promise<{ granted: true } | { refusal: Refusal } | { gone: true }>;
  /** Writes status and events. `gone` when the Pod is no longer in the store (or another of its name is). */
  publish(input: { pod: PodRef; status?: PodStatus; events: PodEvent[] }): Promise<{ gone: boolean }>;
  /** Removes the Pod from the store, unless finalizers keep it. */
  deletePod(pod: PodRef): Promise<{ gone: boolean }>;
}

/**
 * The outcome of an attempt to start; `failed` means nothing ran, and `retry` says whether trying again can help by
 * itself. `not-yet`: what it was to wait for has not come; nothing was done.
 */
export type StartResult =
  | {
      outcome: 'started';
      id: string;
      imageId: string;
      image: string;
      startedAt: string;
      exit?: Exit;
      /** An earlier start of the same attempt was cut off, by which time the container may have run. */
      again?: true;
    }
  | { outcome: 'start-error'; id: string; imageId: string; exit: Exit }
  | { outcome: 'image-missing' }
  | { outcome: 'not-yet' }
  | { outcome: 'failed'; reason: string; message: string; retry: boolean };

export interface StartInput {
  pod: PodRef;
  container: string;
  image: string;
  attempt: number;
  sandboxAttempt: number;
  /** Without it the start waits for the sandbox that is being made, and goes there. */
  sandboxId?: string;
  podIPs?: string[];
  /** Waits for the first attempt of this init container to succeed while its start lingers; `not-yet` when it did not. */
  after?: string;
  /** How long to wait for a quick exit before returning, ms. */
  lingerMs: number;
  /** What its node granted it; what the Pod's spec says when absent. */
  resources?: Requirements;
}

export type PullResult =
  | { outcome: 'pulled'; imageId: string; ms: number; sizeBytes: number }
  | { outcome: 'failed'; reason: string; message: string; retry: boolean };

export type SandboxResult =
  | { outcome: 'ready'; sandboxId: string; ips: string[] }
  | { outcome: 'failed'; reason: string; message: string }
  /** The node will never run this Pod. */
  | { outcome: 'rejected'; reason: string; message: string };

export interface FileInput {
  pod: PodRef;
  container: string;
  containerId: string;
  path: string;
  /** The content itself (from a signal), or the name of an upload in the store (from the API, so that it stays out of history). */
  content?: string;
  upload?: string;
  mode?: number;
}

export type FileResult = { created: true } | { created: false; reason: string; message: string };

export interface HookResult {
  ok: boolean;
  /** Why it failed; with `ok` a warning, or empty. */
  message: string;
  /** What its command printed, at most 1 KiB. */
  output?: string;
}

/** What a Pod's workflow has done on the Pod's node. Each may be repeated, and finds what an earlier try has made. */
export interface NodeActivities {
  /** The Pod's sandbox of this attempt with its network and volumes: made, or found when it is there. */
  runSandbox(input: { pod: PodRef; attempt: number }): Promise<SandboxResult>;
  /** The container's attempt started: made, or found when it is there. */
  startContainer(input: StartInput): Promise<StartResult>;
  pullImage(input: { pod: PodRef; container: string; image: string }): Promise<PullResult>;
  /** Runs a hook of the container to its end or to `deadline` (RFC 3339). */
  runHook(input: {
    pod: PodRef;
    container: string;
    containerId: string;
    podIPs: string[];
    hook: 'postStart' | 'preStop';
    deadline?: string;
  }): Promise<HookResult>;
  /** Ends a container: its stop signal, at `deadline` (RFC 3339) SIGKILL. Resolves with how it ended. */
  stopContainer(input: { pod: PodRef; containerId: string; deadline: string }): Promise<Exit>;
  /** Takes the sandbox down and keeps dead containers and their logs. */
  stopSandbox(input: { pod: PodRef }): Promise<void>;
  /** Removes everything of the Pod: sandboxes, containers, volumes, logs. */
  removePod(input: { pod: PodRef }): Promise<void>;
  createFile(input: FileInput): Promise<FileResult>;
  /**
   * Gives running containers other resources. Resolves with those that have them now (or do not run any more), and why
   * the others could not have them.
   */
  resizeContainers(input: ResizeInput): Promise<ResizeResult>;
}

export interface ResizeInput {
  pod: PodRef;
  /** `lowersMemory`: its memory limit comes down, which must not be below what it uses. */
  containers: { container: string; containerId: string; resources: Requirements; lowersMemory: boolean }[];
}

export interface ResizeResult {
  updated: string[];
  error?: string;
}

/** What a node says of itself. */
export interface NodeFacts {
  /** The process; a new one after each start. */
  instance: string;
  labels: Record<string, string>;
  addresses: { type: string; address: string }[];
  capacity: Record<string, string>;
  allocatable: Record<string, string>;
  nodeInfo: Record<string, string>;
  /** Conditions that hold: `MemoryPressure`, `DiskPressure`, `PIDPressure`. */
  pressure?: string[];
  /** What its runtime can do. */
  features: { supplementalGroupsPolicy: boolean };
  /** Where its logs and streams are served. */
  port: number;
}

export interface NodePresenceActivities {
  registerNode(): Promise<NodeFacts>;
  /** Heartbeats as long as the node is well. Resolves when it stops in order, or to `changed` when it has something new to say. */
  watchNode(input: { instance: string }): Promise<'changed' | undefined>;
}

export interface NodeControlActivities {
  publishNode(input: { name: string; facts?: NodeFacts; ready: boolean; message: string }): Promise<void>;
}
