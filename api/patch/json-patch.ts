/** JSON Patch (RFC 6902) with the API's errors. */
import { applyPatch, type Operation } from 'rfc6902';
import type { KubeObject } from '../../pod/types.ts';
import { ApiError, badRequest } from '../errors.ts';

/** Upstream's bound. */
const maxOperations = 10_000;

/** The object with the operations applied; it is not changed. Throws 400, 413 and 422. */
export function jsonPatch(object: KubeObject, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch must be a list of operations');
  if (patch.length > maxOperations) {
    throw new ApiError(
      413,
      'RequestEntityTooLarge',
      `the JSON patch has ${patch.length} operations: at most ${maxOperations} are allowed`,
    );
  }
  if (!patch.every((operation) => typeof operation?.op === 'string' && typeof operation?.path === 'string')) {
    throw badRequest('every operation of a JSON patch needs op and path');
  }
  const result = structuredClone(object);
  for (const [i, failure] of applyPatch(result, patch as Operation[]).entries()) {
    if (failure) {
      const { op, path } = patch[i];
      throw new ApiError(422, 'Invalid', `JSON patch operation ${i} (${op} ${path}) failed: ${failure.message}`);
    }
  }
  return result;
}
