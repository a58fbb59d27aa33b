/** What Pods' workflows are told, by signal or update, and where they and the nodes are reached in Temporal. */
import type { Exit } from './record.ts';
import type { PodRef } from './types.ts';

/** How a container ended, as its node saw it. */
export interface ContainerExited {
  container: string;
  attempt: number;
  id: string;
  exit: Exit;
}

export interface ProbeChanged {
  container: string;
  id: string;
  kind: 'startup' | 'liveness' | 'readiness';
  ok: boolean;
  message: string;
}

export interface SandboxLost {
  sandboxId: string;
  message: string;
}

/** The Pod uses more of the node than it may: it has failed. `message` says what, as the kubelet words it. */
export interface Evicted {
  message: string;
  /** The node is short of something, for which the Pod has to go: it is disrupted. */
  byPressure?: true;
}

export interface CreateFile {
  container: string;
  path: string;
  content?: string;
  upload?: string;
  mode?: number;
}

/** The workflow id of a Pod: one a life, because the uid is in it. */
export function podWorkflowId(pod: PodRef): string {
  return `pod/${pod.namespace}/${pod.name}/${pod.uid}`;
}

/**
 * The sequence of commands that a new run of a Pod's workflow follows; a run keeps to the one it began with, so that
 * every history can be replayed. 2: starts are ordered ahead of their turn. 3: a Pod that has ended begins nothing more,
 * what ended for good outlives its sandbox, hooks of sidecars begin with the others', and one that waits is told to look
 * again.
 */
export const POD_WORKFLOW_VERSION = 3;

export const POD_TASK_QUEUE = 'pods';
/** A workflow task lost with its worker is given to another after this long; one takes milliseconds. */
export const WORKFLOW_TASK_TIMEOUT = '5s';
export function nodeTaskQueue(nodeName: string): string {
  return `node/${nodeName}`;
}
