/**
 * Gives Services that select Pods their EndpointSlices. Several processes may do so at once: what they plan and how they
 * name it follows from the store alone, and who comes second looks again.
 */
import { type Service, selectsPods } from '../../pod/endpoints.ts';
import type { KubeObject, Pod } from '../../pod/types.ts';
import { AlreadyExists, DELETE, NotFound, type Store } from '../../store/port.ts';
import { identified } from '../objects/create.ts';
import { endpointslices, namespaces, pods, services } from '../registry/index.ts';
import { planSlices, type SlicePlan, servedBy } from './plan.ts';

export interface SliceDeps {
  store: Store;
  now(): Date;
}

/** Gives each Service of the namespace its slices, and tells at the end of those where that failed. */
export async function reconcile(deps: SliceDeps, namespace: string): Promise<void> {
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
