/** A write to an object that exists: the store's atomic update with the API's errors. */
import type { KubeObject } from '../../pod/types.ts';
import { DELETE, type Mutation, NotFound, type StoredObject } from '../../store/port.ts';
import { notFound } from '../errors.ts';
import type { UpdateStrategy } from '../registry/resource.ts';
import { keyOf, type Scope } from '../scope.ts';

/**
 * Decides on the newest state and writes it; nobody else's write comes between. Throws 404, what `decide` throws, and
 * what the strategy's admission has against it.
 */
export async function write(
  scope: Scope,
  decide: (current: KubeObject) => Mutation,
  { admission }: Pick<UpdateStrategy, 'admission'> = {},
): Promise<StoredObject> {
  const admit = await admission?.(scope.store);
  const decideAdmitted = (current: KubeObject): Mutation => {
    const next = decide(current);
    return admit && next !== undefined && next !== DELETE ? admit(next as KubeObject, current) : next;
  };
  try {
    return await scope.store.update(keyOf(scope), decideAdmitted, 'client');
  } catch (error) {
    if (error instanceof NotFound) throw notFound(scope.resource, scope.name);
    throw error;
  }
}
