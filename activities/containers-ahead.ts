/** Containers that were made before their turn, of each Pod. Nothing depends on them. */
import type { ContainerSpec } from '../runtime/port.ts';

/** What the runtime is to be asked for, and the image it will run. */
export interface Plan {
  spec: ContainerSpec;
  imageId: string;
}

/** A container that was created, not started. */
export type Made = { id: string; imageId: string };

/** A container made ahead, where it was made, and of what: its Pod's generation then, and when (ms, monotonic). */
export type Ahead = Made & Plan & { sandboxId: string; image: string; generation: number | undefined; at: number };

export class ContainersAhead {
  /** By Pod's uid, by container. */
  readonly #pods = new Map<string, Map<string, Promise<Ahead | undefined>>>();

  /** Keeps what is being made for a container, unless there is something already; what fails is as good as nothing. */
  keep(uid: string, container: string, making: () => Promise<Ahead | undefined>): Promise<unknown> {
    const pod = this.#pods.get(uid) ?? new Map<string, Promise<Ahead | undefined>>();
    this.#pods.set(uid, pod);
    const made = pod.get(container) ?? making().catch(() => undefined);
    pod.set(container, made);
    return made;
  }

  /** What was made for a container, once: it is the caller's from now on. */
  async take(uid: string, container: string): Promise<Ahead | undefined> {
    const pod = this.#pods.get(uid);
    const made = pod?.get(container);
    pod?.delete(container);
    if (pod?.size === 0) this.#pods.delete(uid);
    return made;
  }

  /** Forgets what was made for a Pod; resolves when nothing more is being made. The containers go with their sandbox. */
  async forget(uid: string): Promise<void> {
    const pod = this.#pods.get(uid);
    this.#pods.delete(uid);
    await Promise.all(pod?.values() ?? []);
  }
}
