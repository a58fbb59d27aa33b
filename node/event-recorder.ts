/** Events that a node writes by itself, without its Pods' workflows: what a probe found is worth no durable step. */
import type { PodEvent } from '../pod/contract.ts';
import type { Log } from '../pod/log.ts';
import type { EventSubject } from '../pod/types.ts';
import { bounded } from './handlers/text.ts';

export type NodeEvent = Pick<PodEvent, 'type' | 'reason' | 'message' | 'container'>;

export interface EventRecorderOptions {
  /** Writes one occurrence; never called for the same event again before it has settled. */
  write(pod: EventSubject, event: PodEvent): Promise<void>;
  log: Pick<Log, 'warn'>;
}

/** How much a Pod may have written at once, and after which time one more, as with Kubernetes' own recorder. */
const BURST = 25;
const REFILL_MS = 300_000;
/** So many different messages of what is otherwise one event have events of their own; further ones share one. */
const MAX_MESSAGES = 10;
/** Messages are different anew after so long without any. */
const FORGET_MS = 600_000;
/** Events, and Pods, that are remembered. */
const MAX_REMEMBERED = 4096;
const MAX_MESSAGE_BYTES = 1024;
/** Workflows count their Pods' events from 0: with the same moment and number, two events would have one name. */
const FIRST_SEQUENCE = 0x8000;

interface Said {
  pod: EventSubject;
  event: PodEvent;
  /** There is more to say than was written. */
  due: boolean;
  writing: boolean;
}

/**
 * Writes events of Pods off the path of what they tell of. The same said again (type, reason, message, container) counts
 * up, and so do, together, those of which only the message is ever another. Of each Pod 25 are written at once and then
 * one in five minutes; what was not written is in the next one's count. One that cannot be written is logged and dropped.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #said = new Map<string, Said>();
  /** By all of an event but its message: the messages that have events of their own. */
  readonly #messages = new Map<string, { own: Set<string>; at: number }>();
  /** By uid of the Pod: when its whole burst is there again, in ms since the epoch. */
  readonly #fullAt = new Map<string, number>();
  #sequence = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Never throws, and does not wait. */
  record(pod: EventSubject, event: NodeEvent): void {
    const now = Date.now();
    const { key, message } = this.#identify(pod, event, now);
    const at = new Date(now).toISOString();
    const before = this.#said.get(key);
    const { firstAt, sequence, count } = before?.event ?? { firstAt: at, sequence: this.#nextSequence(), count: 0 };
    const counted = { ...event, message, at, firstAt, sequence, count: count + 1 };
    const said = Object.assign(before ?? { pod, due: false, writing: false }, { event: counted });
    remember(this.#said, key, said);
    if (!this.#spend(pod.uid, now)) return;
    said.due = true;
    if (!said.writing) void this.#write(said);
  }

  /** What tells the event from others, and its message. */
  #identify(pod: EventSubject, event: NodeEvent, now: number): { key: string; message: string } {
    const similar = JSON.stringify([pod.uid, event.type, event.reason, event.container?.name]);
    const text = bounded(event.message, MAX_MESSAGE_BYTES);
    const before = this.#messages.get(similar);
    const own = before && now - before.at <= FORGET_MS ? before.own : new Set<string>();
    if (own.size < MAX_MESSAGES) own.add(text);
    remember(this.#messages, similar, { own, at: now });
    if (own.has(text)) return { key: `${similar} ${text}`, message: text };
    return { key: similar, message: bounded(`(combined from similar events): ${text}`, MAX_MESSAGE_BYTES) };
  }

  #nextSequence(): number {
    return FIRST_SEQUENCE + (this.#sequence++ % FIRST_SEQUENCE);
  }

  #spend(uid: string, now: number): boolean {
    const fullAt = Math.max(now, this.#fullAt.get(uid) ?? 0);
    const enough = fullAt - now <= (BURST - 1) * REFILL_MS;
    remember(this.#fullAt, uid, enough ? fullAt + REFILL_MS : fullAt);
    return enough;
  }

  async #write(said: Said): Promise<void> {
    said.writing = true;
    while (said.due) {
      said.due = false;
      const { pod, event } = said;
      await this.#options.write(pod, event).catch((error) => {
        const fields = { pod: `${pod.namespace}/${pod.name}`, reason: event.reason, error: String(error) };
        this.#options.log.warn(fields, 'an event could not be written');
      });
    }
    said.writing = false;
  }
}

/** Puts an entry last; the first goes when there are too many. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > MAX_REMEMBERED) for (const oldest of map.keys()) return void map.delete(oldest);
}
