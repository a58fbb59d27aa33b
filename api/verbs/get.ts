/** GET of one object. */
import { notFound } from '../errors.ts';
import { type Handler, keyOf, objectRepresentation, showObject } from '../scope.ts';

export const get: Handler = async (scope) => {
  const how = objectRepresentation(scope);
  const object = await scope.store.get(keyOf(scope));
  if (!object) throw notFound(scope.resource, scope.name);
  const completed = await scope.resource.completed?.(scope.store);
  return showObject(scope, completed?.(object) ?? object, how);
};
