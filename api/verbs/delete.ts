/** DELETE of one object. */
import { DELETE, type Store } from '../../store/port.ts';
import { deleteOptions } from '../decode/delete-options.ts';
import { parsedBody } from '../decode/request.ts';
import { successStatus } from '../errors.ts';
import { type DeleteOptions, planDeletion } from '../objects/deletion.ts';
import { dryRunStore } from '../objects/dry-run-store.ts';
import { type Handler, objectRepresentation, type Scope, show, showObject } from '../scope.ts';
import { write } from './write.ts';

export const remove: Handler = async (scope) => {
  const how = objectRepresentation(scope);
  const { options, store } = await deletionOf(scope);
  const { object, gone } = await deleteObject({ ...scope, store }, options);
  const { resource } = scope;
  // That it is not gone yet the code says only to those who use the older option, as upstream: others do not expect it.
  if (!gone) return showObject(scope, object, how, options.orphanDependents === false ? 202 : 200);
  if (resource.strategy.deletion.showsObject) return showObject(scope, object, how);
  const details = {
    name: scope.name,
    group: resource.group || undefined,
    kind: resource.plural,
    uid: object.metadata.uid,
  };
  return show(scope, successStatus(details), how.accepted);
};

/** What a DELETE request asks for, and the store it acts on: options may say dry run in the body as well. */
export async function deletionOf(scope: Scope): Promise<{ options: DeleteOptions; store: Store }> {
  const parsed = await parsedBody(scope.deps.schema, scope.request);
  const { dryRun, ...options } = deleteOptions(scope.deps.schema, parsed, scope.query);
  return { options, store: dryRun ? dryRunStore(scope.deps.store) : scope.store };
}

/** Deletes or begins to delete. Resolves with the last or the new state. Throws 403, 404 and 409. */
export async function deleteObject(scope: Scope, options: DeleteOptions) {
  let gone = false;
  const object = await write(scope, (current) => {
    const plan = planDeletion(scope.resource, current, options, scope.deps.now());
    gone = plan === DELETE;
    return plan;
  });
  return { object, gone };
}
