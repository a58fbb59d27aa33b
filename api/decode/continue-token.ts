/** The token that continues a list: opaque to clients, our place in it to us. */
import { badRequest } from '../errors.ts';

export interface Place {
  /** The revision the list is of; absent: it goes on with what is there now. */
  revision?: number;
  /** The last object shown. */
  after: { namespace: string; name: string };
}

export const continueToken = ({ revision, after }: Place): string =>
  btoa(JSON.stringify([revision ?? 0, after.namespace, after.name]))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

/** Reads a token given out by `continueToken`. Throws 400. */
export function placeOf(token: string): Place {
  try {
    const [revision, namespace, name] = JSON.parse(atob(token.replaceAll('-', '+').replaceAll('_', '/')));
    if (Number.isSafeInteger(revision) && typeof namespace === 'string' && typeof name === 'string') {
      return { ...(revision ? { revision } : {}), after: { namespace, name } };
    }
  } catch {
    // Anything that is not ours is answered below.
  }
  throw badRequest(
    'continue: Invalid value: this token was not given out by this API: start the list again without it',
  );
}
