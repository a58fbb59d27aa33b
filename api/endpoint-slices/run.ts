/**
 * Keeps the EndpointSlices of Services that select Pods (upstream's endpointslice controller). Several processes may do
 * so at once: what they plan and how they name it follows from the store alone, and who comes second looks again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { endpointFacts, type Service, selectsPods } from '../../pod/endpoints.ts';
import type { Log } from '../../pod/log.ts';
import type { KubeObject, Pod } from '../../pod/types.ts';
import { AlreadyExists, type Change, DELETE, NotFound, type Store } from '../../store/port.ts';
import { identified } from '../objects/create.ts';
import { equal } from '../objects/equal.ts';
import { endpointslices, namespaces, pods, services } from '../registry/index.ts';
import { planSlices, type SlicePlan, servedBy } from './plan.ts';

/** How long changes are gathered before they are looked at, ms. */
const GATHER_MS = 100;
/** After a failure, ms. */
const RETRY_MS = 1000;

interface SliceDeps {
  store: Store;
  now(): Date;
  log: Log;
}

/** Runs until the signal aborts; what fails is logged and tried again. */
export async function runEndpointSlices(deps: SliceDeps, signal: AbortSignal): Promise<void> {
  const resources = [services, pods, endpointslices].map(({ storage }) => storage);
  const rounds = new Rounds(deps, signal);
  while (!signal.aborted) {
    try {
      const since = await deps.store.revision();
      for (const { storage } of [services, endpointslices]) {
        for (const { metadata } of (await deps.store.list(storage)).items) rounds.add(metadata.namespace ?? '');
      }
      for await (const change of deps.store.watch({ since, signal, resources })) {
        if (isOfInterest(change)) rounds.add(change.key.namespace);
      }
    } catch (err) {
      if (signal.aborted) break;
      deps.log.warn({ err }, 'following Services failed, trying again');
      await pause(RETRY_MS, signal);
    }
  }
  await rounds.ended;
}

/** Most of what a Pod's status says is nothing to a Service. */
const isOfInterest = ({ key, object, previous }: Change): boolean =>
  key.resource !== pods.storage ||
  !previous ||
  !equal(endpointFacts(object as unknown as Pod), endpointFacts(previous as unknown as Pod));

/** Looks at namespaces in which something changed, once for all that came meanwhile. */
class Rounds {
  ended: Promise<void> = Promise.resolve();
  readonly #deps: SliceDeps;
  readonly #signal: AbortSignal;
  readonly #changed = new Set<string>();
  #isRunning = false;

  constructor(deps: SliceDeps, signal: AbortSignal) {
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
      this.#deps.log.warn({ err, namespace }, 'keeping EndpointSlices failed, trying again');
      // Others need not wait for it.
      void pause(RETRY_MS, this.#signal).then(() => this.add(namespace));
    }
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal }).catch(() => {});

/** Gives each Service of the namespace its slices, and tells at the end of those where that failed. */
async function reconcile(deps: SliceDeps, namespace: string): Promise<void> {
  const { store } = deps;
  const home = await store.get({ resource: namespaces.storage, namespace: '', name: namespace });
  // All that is in a namespace that goes is deleted with it.
  if (!home || home.metadata.deletionTimestamp) return;
  const slices = (await store.list(endpointslices.storage, { namespace })).items as KubeObject[];
  const there = (await store.list(services.storage, { namespace })).items as unknown as Service[];
  const selecting = new Map(there.filter(selectsPods).map((service) => [service.metadata.name, service]));
  const selected = selecting.size > 0 ? (await store.list(pods.storage, { namespace })).items : [];
  const failures: unknown[] = [];
  for (const name of new Set([...selecting.keys(), ...slices.map(servedBy)])) {
    if (name === undefined) continue;
    const service = selecting.get(name);
    const plan = service
      ? planSlices(service, selected as unknown as Pod[], slices)
      : { write: [], remove: slices.filter((slice) => servedBy(slice) === name) };
    await carryOut(deps, plan).catch((cause) => failures.push(new Error(`Service ${name}`, { cause })));
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} of ${selecting.size} Services`);
}

async function carryOut(deps: SliceDeps, { write, remove }: SlicePlan): Promise<void> {
  for (const slice of write) await save(deps, slice);
  for (const slice of remove) await unlessOvertaken(deps.store.update(keyOf(slice), () => DELETE, 'client'));
}

const keyOf = ({ metadata: { namespace = '', name = '' } }: KubeObject) => ({
  resource: endpointslices.storage,
  namespace,
  name,
});

async function save({ store, now }: SliceDeps, slice: KubeObject): Promise<void> {
  const { namespace = '', resourceVersion } = slice.metadata;
  const key = keyOf(slice);
  const isAsPlanned = (current: KubeObject) => current.metadata.resourceVersion === resourceVersion;
  await unlessOvertaken(
    resourceVersion
      ? store.update(key, (current) => (isAsPlanned(current) ? slice : undefined), 'client')
      : store.create(key, identified(slice, true, namespace, now()), 'client'),
  );
}

/** What somebody else did meanwhile is a change, which is looked at next. */
async function unlessOvertaken(write: Promise<unknown>): Promise<void> {
  await write.catch((error) => {
    if (!(error instanceof AlreadyExists || error instanceof NotFound)) throw error;
  });
}
