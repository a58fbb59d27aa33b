/** A write to an object that exists or is to be. */
import type { StoredObject } from '../../store/port.ts';
import { ApiError } from '../errors.ts';
import type { Scope } from '../scope.ts';

/** Between looking for an object and creating it another may come, and go. */
const tries = 3;

/** Changes what is there, or makes it. Resolves with the object and the code to answer with. */
export async function upsert(
  scope: Scope,
  change: () => Promise<StoredObject>,
  make: () => Promise<StoredObject>,
): Promise<{ object: StoredObject; status: 200 | 201 }> {
  for (let i = 1; ; i++) {
    try {
      return { object: await change(), status: 200 };
    } catch (error) {
      const isMissing = error instanceof ApiError && error.code === 404 && error.details?.name === scope.name;
      if (!isMissing) throw error;
    }
    try {
      return { object: await make(), status: 201 };
    } catch (error) {
      if (!(error instanceof ApiError && error.reason === 'AlreadyExists') || i === tries) throw error;
    }
  }
}
