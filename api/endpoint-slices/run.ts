/** Follows what the EndpointSlices of Services depend on, and keeps them (upstream's endpointslice controller). */
import { setTimeout as sleep } from 'node:timers/promises';
import { endpointFacts } from '../../pod/endpoints.ts';
import type { Log } from '../../pod/log.ts';
import type { Pod } from '../../pod/types.ts';
import { keepFollowing } from '../../store/keep-following.ts';
import type { Change } from '../../store/port.ts';
import { equal } from '../objects/equal.ts';
import { endpointslices, pods, services } from '../registry/index.ts';
import { reconcile, type SliceDeps } from './reconcile.ts';

/** How long changes are gathered before they are looked at, ms. */
const GATHER_MS = 100;
/** After a failure, ms. */
const RETRY_MS = 1000;

interface RunDeps extends SliceDeps {
  log: Log;
}

/** Runs until the signal aborts; what fails is logged and tried again. */
export async function runEndpointSlices(deps: RunDeps, signal: AbortSignal): Promise<void> {
  const rounds = new Rounds(deps, signal);
  await keepFollowing('Services', () => follow(deps, rounds, signal), deps.log, signal);
  await rounds.ended;
}

async function follow({ store }: RunDeps, rounds: Rounds, signal: AbortSignal): Promise<void> {
  const resources = [services, pods, endpointslices].map(({ storage }) => storage);
  const since = await store.revision();
  for (const { storage } of [services, endpointslices]) {
    for (const { metadata } of (await store.list(storage)).items) rounds.add(metadata.namespace ?? '');
  }
  for await (const change of store.watch({ since, signal, resources })) {
    if (isOfInterest(change)) rounds.add(change.key.namespace);
  }
}

/** Most of what a Pod's status says is nothing to a Service. */
const isOfInterest = ({ key, object, previous }: Change): boolean =>
  key.resource !== pods.storage ||
  !previous ||
  !equal(endpointFacts(object as unknown as Pod), endpointFacts(previous as unknown as Pod));

/** Looks at namespaces in which something changed, once for all that came meanwhile. */
class Rounds {
  ended: Promise<void> = Promise.resolve();
  readonly #deps: RunDeps;
  readonly #signal: AbortSignal;
  readonly #changed = new Set<string>();
  /** Those that will be looked at again. */
  readonly #failed = new Set<string>();
  #isRunning = false;

  constructor(deps: RunDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
  }

  add(namespace: string): void {
    this.#changed.add(namespace);
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.ended = this.#run();
  }

  async #run(): Promise<void> {
    while (this.#changed.size > 0) {
      await pause(GATHER_MS, this.#signal);
      const changed = [...this.#changed];
      this.#changed.clear();
      for (const namespace of changed) if (!this.#signal.aborted) await this.#look(namespace);
    }
    this.#isRunning = false;
  }

  async #look(namespace: string): Promise<void> {
    try {
      await reconcile(this.#deps, namespace);
    } catch (err) {
      if (this.#failed.has(namespace)) return;
      this.#failed.add(namespace);
      this.#deps.log.warn({ err, namespace }, 'keeping EndpointSlices failed, trying again');
      // Others need not wait for it.
      void pause(RETRY_MS, this.#signal).then(() => {
        this.#failed.delete(namespace);
        this.add(namespace);
      });
    }
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal }).catch(() => {});
