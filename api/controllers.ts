/**
 * What the API's process does beside answering: first objects, namespaces, EndpointSlices, dependents of what is deleted,
 * Pods that nobody else would remove, old events, leases of nodes.
 */
import { type BootstrapOptions, bootstrap } from './bootstrap.ts';
import { runEndpointSlices } from './endpoint-slices/run.ts';
import { runEventExpiry } from './event-expiry.ts';
import { runGarbageCollection } from './garbage-collection/run.ts';
import { type NamespaceDeps, runNamespaces } from './namespaces.ts';
import { runNodeLeases } from './node-leases.ts';
import { runPodCollection } from './pod-collection/run.ts';

/** Creates what must be there, starts the loops, and resolves with what stops them. */
export async function startControllers(deps: NamespaceDeps & BootstrapOptions): Promise<() => Promise<void>> {
  await bootstrap(deps.store, deps);
  const stop = new AbortController();
  const running = Promise.all([
    runNamespaces(deps, stop.signal),
    runEndpointSlices(deps, stop.signal),
    runGarbageCollection(deps, stop.signal),
    runPodCollection(deps, stop.signal),
    runEventExpiry(deps, stop.signal),
    runNodeLeases(deps, stop.signal),
  ]);
  return async () => {
    stop.abort();
    await running;
  };
}
