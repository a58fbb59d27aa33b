/** Measures Pods that have a limit on the node's disk, and has those evicted that use more. */
import { join } from 'node:path';
import type { Pod, PodRef } from '../../pod/types.ts';
import type { Runtime } from '../../runtime/port.ts';
import type { NodeDirs } from '../dirs.ts';
import { diskUsage } from './disk-usage.ts';
import { eachInTurn } from './each-in-turn.ts';
import { containersUsage } from './pod-usage.ts';
import { exceeded, type StorageLimits, type StorageUsage, storageLimits } from './storage-limits.ts';

export interface StorageWatchOptions {
  runtime: Pick<Runtime, 'listSandboxes' | 'listContainers' | 'usage'>;
  dirs: NodeDirs;
  /** The Pod, if it is still the one of this uid. */
  pod(ref: PodRef): Promise<Pod | undefined>;
  /** Tells the Pod's workflow why it is to fail; resolves once that knows. */
  evict(pod: PodRef, message: string): Promise<void>;
}

export class StorageWatch {
  readonly #options: StorageWatchOptions;
  /** By uid, as long as the Pod has a sandbox. They cannot change, so the API is asked once. */
  #limits = new Map<string, StorageLimits | undefined>();
  readonly #evicting = new Set<string>();

  constructor(options: StorageWatchOptions) {
    this.#options = options;
  }

  /**
   * Measures once. A Pod that still runs and is over its limits the next time is evicted again. Throws at the end what
   * could not be measured.
   */
  async measure(): Promise<void> {
    const { runtime } = this.#options;
    const running = (await runtime.listSandboxes({})).filter(({ ready }) => ready).map(({ pod }) => pod);
    const known = this.#limits;
    this.#limits = new Map();
    await eachInTurn(running, async (pod) => {
      const limits = known.has(pod.uid) ? known.get(pod.uid) : await this.#limitsOf(pod);
      this.#limits.set(pod.uid, limits);
      const message = limits && exceeded(limits, await this.#usage(pod, limits));
      if (message && !this.#evicting.has(pod.uid)) this.#evict(pod, message);
    });
  }

  async #limitsOf(ref: PodRef): Promise<StorageLimits | undefined> {
    const pod = await this.#options.pod(ref);
    return pod && storageLimits(pod);
  }

  async #usage(pod: PodRef, { volumes, pod: ofPod, onDisk }: StorageLimits): Promise<StorageUsage> {
    const { dirs } = this.#options;
    const usage: StorageUsage = { volumes: new Map(), containers: new Map() };
    const measured = new Set([...volumes.map(({ name }) => name), ...(ofPod ? onDisk : [])]);
    for (const name of measured) {
      const { bytes } = await diskUsage(join(dirs.volumesDir(pod.uid), name));
      usage.volumes.set(name, bytes);
    }
    if (!ofPod) return usage;
    for (const { name, disk } of await containersUsage(this.#options, pod)) usage.containers.set(name, disk.bytes);
    return usage;
  }

  #evict(pod: PodRef, message: string): void {
    this.#evicting.add(pod.uid);
    // It fails only when this process stops; the next one measures again.
    void this.#options
      .evict(pod, message)
      .catch(() => undefined)
      .finally(() => this.#evicting.delete(pod.uid));
  }
}
