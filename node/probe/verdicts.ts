import type { ProbeChanged } from '../../pod/messages.ts';
import type { PodRef } from '../../pod/types.ts';

/**
 * Tells the verdicts of each probe one after the other, so that none overtakes a newer one. Of those that come while one
 * is being told only the newest is kept, and not even that if it says the same.
 */
export class Verdicts {
  readonly #tell: (pod: PodRef, verdict: ProbeChanged) => Promise<void>;
  /** By container id and kind: what is being told, and what is to be told after it. */
  readonly #telling = new Map<string, { now: ProbeChanged; next?: ProbeChanged }>();

  /** `tell` must not reject. */
  constructor(tell: (pod: PodRef, verdict: ProbeChanged) => Promise<void>) {
    this.#tell = tell;
  }

  put(pod: PodRef, verdict: ProbeChanged): void {
    const telling = this.#telling.get(keyOf(verdict));
    if (telling) telling.next = verdict.ok === telling.now.ok ? undefined : verdict;
    else void this.#tellFrom(pod, verdict);
  }

  /** What has not begun to be told of this container never is. */
  forget(id: string): void {
    for (const telling of this.#telling.values()) if (telling.now.id === id) telling.next = undefined;
  }

  async #tellFrom(pod: PodRef, first: ProbeChanged): Promise<void> {
    const key = keyOf(first);
    for (let now: ProbeChanged | undefined = first; now; now = this.#telling.get(key)?.next) {
      this.#telling.set(key, { now });
      await this.#tell(pod, now);
    }
    this.#telling.delete(key);
  }
}

const keyOf = ({ id, kind }: ProbeChanged) => `${kind} ${id}`;
