/** What a Pod's workflow carries from one run to the next. Plain JSON: it goes through continue-as-new. */
import type { Binding } from '../pod/contract.ts';
import type { ContainerExited, CreateFile } from '../pod/messages.ts';
import type { Phase } from '../pod/phase.ts';
import { type ContainerRecord, newRecord } from '../pod/record.ts';
import type { ResizeState } from '../pod/resize.ts';
import type { PodCondition } from '../pod/types.ts';
import type { PodView } from '../pod/view.ts';

/** Why the ordinary life of a Pod stops short. */
export type Interruption =
  | { kind: 'deleted' }
  | { kind: 'deadline' }
  /** `said`: an event says so already. */
  | { kind: 'rejected'; reason: string; message: string; said?: true }
  | { kind: 'evicted'; message: string; byPressure?: true }
  | { kind: 'sandbox-lost'; message: string }
  | { kind: 'restart'; message: string; keepSandbox: boolean }
  | { kind: 'continue-as-new' };

/** Why a running container is to be ended and started again. */
export interface Kill {
  message: string;
  /** Starts again whatever its restart policy says. */
  always: boolean;
  /** Waits for its back-off first, as after a failure. */
  backsOff?: boolean;
  graceSeconds?: number;
}

/** One line of the Pod's own story, for the `timeline` query. */
export interface TimelineEntry {
  at: string;
  reason: string;
  message: string;
  container?: string;
}

/** An event that may be said again. */
export interface SeenEvent {
  key: string;
  firstAt: string;
  sequence: number;
  count: number;
}

export interface PodState extends ResizeState {
  view: PodView;
  records: ContainerRecord[];
  binding?: Binding;
  unschedulable?: string;
  startTime?: string;
  sandbox?: { id: string; ips: string[] };
  /** Counts sandboxes, from 0. */
  sandboxAttempt: number;
  conditions: PodCondition[];
  /** As published last. */
  phase?: Phase;
  /** What ended the Pod, when its containers did not by themselves. */
  verdict?: { reason: string; message: string };
  /** The Pod had to make room for others. */
  disrupted?: true;
  /** The node turned it away before anything of it was made. */
  rejected?: boolean;
  /** All containers were ended from outside. */
  stopped: boolean;
  /** Main containers have had their turn in this life: a sidecar that restarts holds nothing back any more. */
  mainsBegan?: boolean;
  /** Nothing will start any more: the Pod succeeded, failed or is being deleted. */
  over: boolean;
  /** Files asked for by signal whose container does not run yet. */
  files: CreateFile[];
  /** From the run before: what came after its last look. */
  untold?: { exits: [string, ContainerExited][]; kills: [string, Kill][]; wanted?: Interruption | undefined };
  timeline: TimelineEntry[];
  /** The newest distinct events, the last said last. */
  seen: SeenEvent[];
  /** Distinct events so far. */
  eventSequence: number;
}

export interface PodInput {
  view: PodView;
  /** The state of the run before, after continue-as-new. */
  state?: PodState;
  /** POD_WORKFLOW_VERSION when the run began; 1 without it. */
  version?: number;
  /** Continue as new from this history length on, where Temporal's own suggestion comes too late for a test. */
  continueAfterEvents?: number;
}

export function initialState(view: PodView): PodState {
  return {
    view,
    records: view.containers.map(newRecord),
    sandboxAttempt: 0,
    conditions: [],
    stopped: false,
    over: false,
    files: [],
    timeline: [],
    seen: [],
    eventSequence: 0,
  };
}
