/** One Pod in one run of its workflow: its state, what was reported since, and the one place that publishes status. */
import { allHandlersFinished, CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { PodEvent, StartResult } from '../pod/contract.ts';
import type { ContainerExited, ProbeChanged } from '../pod/messages.ts';
import type { Phase } from '../pod/phase.ts';
import { type ContainerRecord, type Exit, newRecord } from '../pod/record.ts';
import { type PodFacts, reasonOf, statusOf } from '../pod/status.ts';
import { kubeTime } from '../pod/time.ts';
import type { PodRef, PodStatus } from '../pod/types.ts';
import type { ContainerView, PodView } from '../pod/view.ts';
import { describe, showPhase } from './show.ts';
import type { Interruption, Kill, PodInput, PodState, SeenEvent } from './state.ts';
import { control, type NodeProxy, nodeActivities } from './world.ts';

const TIMELINE_LENGTH = 200;
const SEEN_EVENTS = 64;

/** A Pod's workflow in its present run: what it carries, what it was told, and what goes on. */
export class PodContext {
  readonly state: PodState;
  readonly kills: Map<string, Kill>;
  /** Starts that were ordered ahead of their turn, by container, until it has come. */
  readonly ordered = new Map<string, { image: string; result: Promise<StartResult> }>();
  /** What probes said of containers whose start is not known yet, the last of each kind. */
  readonly earlyProbes = new Map<string, ProbeChanged>();
  /** Which sequence of commands this run follows: POD_WORKFLOW_VERSION when it began. */
  readonly version: number;
  /** Ended or to be ended by itself, as reported by the node, by container. */
  readonly #exits: Map<string, ContainerExited>;
  readonly #events: PodEvent[] = [];
  readonly #continueAfterEvents: number | undefined;
  /** A new Pod's status is the API's own until it is bound. */
  #dirty = false;
  /** Activities under way, other than publishing. */
  #acts = 0;
  #publishing = false;
  #ended = false;
  #wanted: Interruption | undefined;
  terminating = false;
  /** A rule has all containers restart, and what ran before is being ended. */
  restartingAll = false;
  /** How often it was told to look again. */
  calls = 0;

  constructor(input: PodInput, state: PodState) {
    this.state = state;
    this.kills = new Map(state.untold?.kills);
    this.#exits = new Map(state.untold?.exits);
    this.#wanted = state.untold?.wanted;
    this.#continueAfterEvents = input.continueAfterEvents;
    this.version = input.version ?? 1;
  }

  get pod(): PodView {
    return this.state.view;
  }

  get ref(): PodRef {
    return { namespace: this.pod.namespace, name: this.pod.name, uid: this.pod.uid };
  }

  get node(): NodeProxy {
    if (!this.state.binding) throw new Error('the Pod is not bound to a node');
    return nodeActivities(this.state.binding.nodeName);
  }

  view(name: string): ContainerView {
    const view = this.pod.containers.find((c) => c.name === name);
    if (!view) throw new Error(`no container ${name}`);
    return view;
  }

  record(name: string): ContainerRecord {
    let record = this.state.records.find((r) => r.name === name);
    if (!record) {
      record = newRecord(this.view(name));
      this.state.records.push(record);
    }
    return record;
  }

  /** Runs an activity so that it cannot be cut off in the middle, and so that no continue-as-new comes between. */
  async act<T>(run: () => Promise<T>): Promise<T> {
    return this.counted(() => CancellationScope.nonCancellable(run));
  }

  /** The same for an activity that may be cancelled: a pull, a hook. */
  async counted<T>(run: () => Promise<T>): Promise<T> {
    this.#acts++;
    try {
      return await run();
    } finally {
      this.#acts--;
    }
  }

  /** Status is to be published again. */
  changed(): void {
    this.#dirty = true;
  }

  event(type: PodEvent['type'], reason: string, message: string, container?: string): void {
    const at = new Date().toISOString();
    const kind = container && this.view(container).kind;
    const list = kind === 'main' ? 'containers' : kind === 'ephemeral' ? 'ephemeralContainers' : 'initContainers';
    const { firstAt, sequence, count } = this.#countEvent(JSON.stringify([type, reason, message, container]), at);
    const about = container ? { container: { name: container, list } as PodEvent['container'] } : {};
    this.#events.push({ type, reason, message, at, firstAt, sequence, count, ...about });
    this.note(reason, message, container);
  }

  /** A line of the Pod's timeline alone, for what is no event of the workflow's. */
  note(reason: string, message: string, container?: string): void {
    const at = new Date().toISOString();
    this.state.timeline.push({ at, reason, message, ...(container && { container }) });
    if (this.state.timeline.length > TIMELINE_LENGTH) this.state.timeline.shift();
  }

  #countEvent(key: string, at: string): SeenEvent {
    const { seen } = this.state;
    const index = seen.findIndex((e) => e.key === key);
    const before = index < 0 ? undefined : seen.splice(index, 1)[0];
    const event = before ?? { key, firstAt: at, sequence: this.state.eventSequence++, count: 0 };
    event.count++;
    seen.push(event);
    if (seen.length > SEEN_EVENTS) seen.shift();
    return event;
  }

  reportExit(report: ContainerExited): void {
    this.#exits.set(report.container, report);
  }

  /** How the container's present attempt ended, if the node said so. */
  exitOf(record: ContainerRecord): Exit | undefined {
    const report = this.#exits.get(record.name);
    return report?.attempt === record.attempt ? report.exit : undefined;
  }

  /** Takes the end of a container's attempt into its record. */
  ended(record: ContainerRecord, exit: Exit, startedAt?: string): void {
    record.phase = 'exited';
    record.exit = { ...exit, startedAt: exit.startedAt ?? startedAt ?? record.startedAt };
    record.startedAt = undefined;
    record.started = false;
    record.ready = false;
    this.changed();
  }

  interrupt(why: Interruption): void {
    // A deletion is final; anything else gives way to it.
    if (this.#wanted?.kind !== 'deleted') this.#wanted = why;
  }

  /** What stops the ordinary life now, if anything does. */
  interruption(): Interruption | undefined {
    if (this.pod.deletion) return { kind: 'deleted' };
    if (this.#wanted) return this.#wanted;
    return this.#mayContinueAsNew() ? { kind: 'continue-as-new' } : undefined;
  }

  clearInterruption(): void {
    this.#wanted = undefined;
  }

  #mayContinueAsNew(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    const due = this.#continueAfterEvents !== undefined && historyLength >= this.#continueAfterEvents;
    return (continueAsNewSuggested || due) && this.quiet();
  }

  /** The state for the next run, with what was reported or asked for and is not taken up yet. */
  carried(): PodState {
    return { ...this.state, untold: { exits: [...this.#exits], kills: [...this.kills], wanted: this.#wanted } };
  }

  /** Nothing is under way or unpublished, and nobody waits for an answer. */
  quiet(): boolean {
    return this.settled() && allHandlersFinished();
  }

  /** Nothing is under way or unpublished. */
  settled(): boolean {
    return this.#acts === 0 && !this.#publishing && !this.#dirty && this.#events.length === 0;
  }

  /** No activity is under way (status may still be unpublished). */
  idle(): boolean {
    return this.#acts === 0 && (this.version >= 3 || !this.#publishing);
  }

  facts(): PodFacts {
    const { state } = this;
    return {
      startTime: state.startTime,
      hostIP: state.binding?.hostIP,
      hostIPs: state.binding?.hostIPs ?? [],
      podIPs: state.sandbox?.ips ?? [],
      scheduled: state.binding !== undefined,
      unschedulable: state.unschedulable,
      sandboxReady: state.sandbox !== undefined,
      terminating: this.terminating,
      restartingAll: this.restartingAll,
      verdict: state.verdict,
      disrupted: state.disrupted,
      rejected: state.rejected ?? false,
      stopped: state.stopped,
      shownPhase: this.version < 2 ? undefined : (state.phase ?? 'Pending'),
      resize: state,
    };
  }

  status(): PodStatus {
    const now = kubeTime(Date.now());
    return statusOf(this.pod, this.state.records, this.facts(), this.state.conditions, now);
  }

  /** Publishes whenever something changed, as long as the workflow runs; changes of one moment go out together. */
  async publishing(): Promise<void> {
    for (;;) {
      await condition(() => this.#dirty || this.#events.length > 0);
      if (this.#ended) return;
      await this.#publish();
    }
  }

  /** The workflow ends in this moment: Temporal refuses an end that any command follows. */
  end(): void {
    this.#ended = true;
  }

  async #publish(): Promise<void> {
    const events = this.#events.splice(0);
    const status = this.#dirty ? this.status() : undefined;
    this.#dirty = false;
    if (status) {
      this.state.conditions = status.conditions ?? [];
      this.state.phase = status.phase as Phase;
      showPhase(this.pod, this.state.records, this.facts(), status);
      describe(this.pod, this.state.records, status);
    }
    this.#publishing = true;
    const summary = [reasonOf(this.pod, this.state.records, this.facts()), ...events.map((e) => e.reason)].join(' ');
    const { gone } = await control.publish.executeWithOptions({ summary }, [{ pod: this.ref, status, events }]);
    this.#publishing = false;
    if (gone) this.markGone();
  }

  /** The object is out of the store: by force, or with its namespace. */
  markGone(): void {
    const at = new Date().toISOString();
    this.state.view = { ...this.pod, deletion: { at, graceSeconds: 0, ...this.pod.deletion, gone: true } };
  }
}
