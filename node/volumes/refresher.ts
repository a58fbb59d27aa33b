import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../pod/log.ts';
import { messageOf } from '../../pod/message-of.ts';
import type { Pod, PodRef } from '../../pod/types.ts';
import { atMost } from '../at-most.ts';
import { podRef } from '../spec/labels.ts';
import type { VolumeContext } from './context.ts';
import { isReadOnlyVolume } from './kinds.ts';
import { prepareVolumes, refreshVolumes } from './prepare.ts';
import { serially } from './serially.ts';

export interface RefresherOptions extends VolumeContext {
  /** The Pod as it is now, if it is still the one of this uid. */
  pod(ref: PodRef): Promise<Pod | undefined>;
  log: Pick<Log, 'warn'>;
  /** 10 s by default; the kubelet takes about a minute. */
  everyMs?: number;
}

const EVERY_MS = 10_000;
/** Longer than the API and a mount take; a path of the host that does not answer (hostPath) may take for ever. */
const ENDS_WITHIN_MS = 60_000;

/**
 * Makes Pods' volumes ready, and keeps what running Pods see of ConfigMaps, Secrets, tokens and their own fields up to date
 * (https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically).
 */
export class VolumeRefresher {
  readonly #options: RefresherOptions;
  readonly #pods = new Map<string, PodRef>();
  /** What was said last of a Pod that cannot be refreshed: it is not said again. */
  readonly #said = new Map<string, string>();

  constructor(options: RefresherOptions) {
    this.#options = options;
  }

  /** Makes every volume of a Pod ready to be mounted. Throws VolumeError. */
  prepare(pod: Pod): Promise<void> {
    // A refresh would wait for the end of this, and with it those of others.
    this.#unwatch(pod.metadata.uid ?? '');
    return prepareVolumes(pod, this.#options);
  }

  /** From now on, if there is anything to refresh. */
  watch(pod: Pod): void {
    if (pod.spec.volumes?.some(isReadOnlyVolume)) this.#pods.set(pod.metadata.uid ?? '', podRef(pod));
  }

  /** From now on no more; resolves when nothing is being done to its volumes, or what is being done does not end. */
  async forget(uid: string): Promise<void> {
    this.#unwatch(uid);
    const done = serially(uid, async () => {});
    await atMost(ENDS_WITHIN_MS, done);
  }

  #unwatch(uid: string): void {
    this.#pods.delete(uid);
    this.#said.delete(uid);
  }

  /** Refreshes now and then until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#options.everyMs ?? EVERY_MS, undefined, { signal }).catch(() => undefined);
      for (const ref of [...this.#pods.values()]) {
        if (signal.aborted) return;
        await this.#refresh(ref);
      }
    }
  }

  async #refresh(ref: PodRef): Promise<void> {
    const { log, pod: find } = this.#options;
    try {
      const pod = await find(ref);
      // The Pod may have been torn down meanwhile.
      if (!pod) this.#unwatch(ref.uid);
      else if (this.#pods.has(ref.uid)) await refreshVolumes(pod, this.#options);
      this.#said.delete(ref.uid);
    } catch (error) {
      const text = messageOf(error);
      if (this.#said.get(ref.uid) === text) return;
      this.#said.set(ref.uid, text);
      log.warn({ ...ref, error: text }, 'a volume keeps its old content for now');
    }
  }
}
