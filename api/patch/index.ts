/** The kinds of patch, by content type (Kubernetes docs, "API Concepts: Updates to existing resources"). */
import mergePatch from 'json-merge-patch';
import type { KubeObject } from '../../pod/types.ts';
import { badRequest, unsupportedMediaType } from '../errors.ts';
import type { Type } from '../schema/definitions.ts';
import { jsonPatch } from './json-patch.ts';
import { strategicMerge } from './strategic-merge.ts';

/** The object with the patch applied; neither is changed. Throws 400 and 422. */
export type Patcher = (object: KubeObject, patch: unknown) => unknown;

const asObject = (patch: unknown): Record<string, unknown> => {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) {
    throw badRequest('the patch must be one object');
  }
  return patch as Record<string, unknown>;
};

const patchers: Record<string, (type: Type) => Patcher> = {
  'application/json-patch+json': () => jsonPatch,
  'application/merge-patch+json': () => (object, patch) =>
    // The library changes what it is given.
    mergePatch.apply(structuredClone(object), asObject(patch)),
  'application/strategic-merge-patch+json': (type) => (object, patch) => strategicMerge(type, object, asObject(patch)),
};

/** The content types of patches. */
export const patchTypes: readonly string[] = Object.keys(patchers);

/** The patcher for a content type, over objects of `type`. Throws 415 naming what is read. */
export function patcher(contentType: string, type: Type): Patcher {
  const found = patchers[contentType];
  if (found) return found(type);
  throw unsupportedMediaType(
    `the body of the request is in a format that is not accepted (${contentType || 'no content type'}): send one of ${patchTypes.join(', ')}, application/apply-patch+yaml`,
  );
}
