/** DELETE of a collection: every object that the selectors choose. */
import { representList } from '../encode/represent.ts';
import { ApiError } from '../errors.ts';
import { type Handler, representation, show } from '../scope.ts';
import { deleteObject, deletionOf } from './delete.ts';
import { listObjects } from './list.ts';

export const removeCollection: Handler = async (scope) => {
  const how = representation(scope, ['Table', 'PartialObjectMetadataList']);
  const { options, store } = await deletionOf(scope);
  const found = await listObjects(scope);
  for (const { metadata } of found.items) {
    const one = { ...scope, store, namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
    await deleteObject(one, options).catch((error) => {
      // Who was quicker did what was asked for.
      if (!(error instanceof ApiError && error.code === 404)) throw error;
    });
  }
  return show(scope, representList(scope.resource, found, how), how.accepted);
};
