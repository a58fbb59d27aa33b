/** Watches what the node has left, says when that is too little, and then evicts Pods, one at a time, until it is enough. */
import { isDeepStrictEqual } from 'node:util';
import { isSystemCritical } from '../../pod/priority.ts';
import type { Pod, PodRef } from '../../pod/types.ts';
import type { Runtime } from '../../runtime/port.ts';
import type { NodeDirs } from '../dirs.ts';
import { diskUsage } from '../housekeeping/disk-usage.ts';
import { eachInTurn } from '../housekeeping/each-in-turn.ts';
import { containersUsage } from '../housekeeping/pod-usage.ts';
import { emptyDirsOnDisk } from '../housekeeping/storage-limits.ts';
import { PressureConditions } from './conditions.ts';
import { type Candidate, evictionMessage, evictionOrder } from './ranking.ts';
import type { PressureState } from './state.ts';
import { type Observations, type Pressure, type Shortage, shortagesOf, type Threshold } from './thresholds.ts';

export interface NodePressureOptions {
  thresholds: Threshold[];
  /** How long a condition stays after its last shortage, ms. */
  holdMs: number;
  observe(): Promise<Observations>;
  runtime: Pick<Runtime, 'listSandboxes' | 'listContainers' | 'usage'>;
  dirs: NodeDirs;
  /** The Pod, if it is still the one of this uid. */
  pod(ref: PodRef): Promise<Pod | undefined>;
  /** Removes what may be removed before a Pod has to go: dead containers, unused images. */
  reclaimDisk(): Promise<void>;
  /** Tells the Pod's workflow why it is to fail; resolves once that knows. */
  evict(pod: PodRef, message: string): Promise<void>;
  state: PressureState;
  /** An event of the node. */
  record(event: { type: 'Normal' | 'Warning'; reason: string; message: string }): void;
}

/** How long an evicted Pod is waited for before the next one is. */
const GOES_WITHIN_MS = 30_000;

/** The events that go with a condition's coming and going. */
const REASONS: Record<Pressure, [string, string]> = {
  MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
  DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
  PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
};

export class NodePressure {
  readonly #options: NodePressureOptions;
  readonly #conditions: PressureConditions;
  /** The Pod that was told to go last, and when. */
  #evicted: { uid: string; at: number } | undefined;

  constructor(options: NodePressureOptions) {
    this.#options = options;
    this.#conditions = new PressureConditions(options.holdMs);
  }

  /** Looks once; at most one Pod is evicted. Throws what stood in the way. */
  async look(): Promise<void> {
    const shortages = await this.#shortages();
    this.#say(this.#conditions.observe(shortages, Date.now()));
    const worst = shortages[0];
    if (!worst) return;
    const { record, reclaimDisk } = this.#options;
    record({ type: 'Warning', reason: 'EvictionThresholdMet', message: `Attempting to reclaim ${worst.resource}` });
    if (worst.resource === 'memory' || worst.resource === 'pids') return this.#evictFor(worst);
    await reclaimDisk();
    const left = (await this.#shortages()).find(({ signal }) => signal === worst.signal);
    if (left) await this.#evictFor(left);
  }

  async #shortages(): Promise<Shortage[]> {
    const { thresholds, observe } = this.#options;
    return shortagesOf(thresholds, await observe());
  }

  #say(pressure: Pressure[]): void {
    const { state, record } = this.#options;
    const before = state.now;
    if (isDeepStrictEqual(pressure, before)) return;
    state.now = pressure;
    for (const condition of Object.keys(REASONS) as Pressure[]) {
      const holds = pressure.includes(condition);
      if (holds === before.includes(condition)) continue;
      const reason = REASONS[condition][holds ? 0 : 1];
      record({ type: 'Normal', reason, message: `Node status is now: ${reason}` });
    }
  }

  async #evictFor(shortage: Shortage): Promise<void> {
    const sandboxes = (await this.#options.runtime.listSandboxes({})).filter(({ ready }) => ready);
    const { uid: last, at } = this.#evicted ?? { at: 0 };
    // While it goes, it has yet to give back what it uses.
    if (Date.now() - at < GOES_WITHIN_MS && sandboxes.some(({ pod }) => pod.uid === last)) return;
    const candidates: Candidate[] = [];
    const measuring = eachInTurn(sandboxes, async ({ pod }) => {
      const candidate = await this.#candidate(pod);
      if (candidate) candidates.push(candidate);
    });
    // What could not be measured is no candidate this time.
    await measuring.catch(() => undefined);
    const [first] = evictionOrder(candidates, shortage.resource);
    if (!first) return measuring;
    const { namespace = '', name = '', uid = '' } = first.pod.metadata;
    this.#evicted = { uid, at: Date.now() };
    await this.#options.evict({ namespace, name, uid }, evictionMessage(first, shortage));
    await measuring;
  }

  /** Undefined for a Pod that is not ours, or that nothing may evict. */
  async #candidate(ref: PodRef): Promise<Candidate | undefined> {
    const pod = await this.#options.pod(ref);
    if (!pod || isSystemCritical(pod)) return undefined;
    const containers = await containersUsage(this.#options, ref);
    const volumes = { bytes: 0, inodes: 0 };
    for (const name of emptyDirsOnDisk(pod)) {
      const { bytes, inodes } = await diskUsage(`${this.#options.dirs.volumesDir(ref.uid)}/${name}`);
      volumes.bytes += bytes;
      volumes.inodes += inodes;
    }
    return { pod, containers, volumes };
  }
}
