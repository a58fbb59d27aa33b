/** A write to an object that exists: the store's atomic update with the API's errors. */
import type { KubeObject } from '../../pod/types.ts';
import { type Mutation, NotFound, type StoredObject } from '../../store/port.ts';
import { notFound } from '../errors.ts';
import { keyOf, type Scope } from '../scope.ts';

/** Decides on the newest state and writes it; nobody else's write comes between. Throws 404 and what `decide` throws. */
export async function write(scope: Scope, decide: (current: KubeObject) => Mutation): Promise<StoredObject> {
  try {
    return await scope.store.update(keyOf(scope), (current) => decide(current), 'client');
  } catch (error) {
    if (error instanceof NotFound) throw notFound(scope.resource, scope.name);
    throw error;
  }
}
