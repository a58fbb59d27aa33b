/** PUT of one object, or of one side of it (`/status`, ...). */
import type { KubeObject } from '../../pod/types.ts';
import { tracked } from '../apply/tracked.ts';
import { decodeObject } from '../decode/object.ts';
import { parsedBody } from '../decode/request.ts';
import { fieldValidation } from '../decode/write-options.ts';
import { conflict } from '../errors.ts';
import { named } from '../objects/create.ts';
import { withOwnersOnce } from '../objects/owner-references.ts';
import { planUpdate } from '../objects/update.ts';
import type { UpdateStrategy } from '../registry/resource.ts';
import { type Handler, objectRepresentation, type Scope, showObject } from '../scope.ts';
import { createObject } from './create.ts';
import { upsert } from './upsert.ts';
import { write } from './write.ts';

/** Replaces what `strategy` lets a client change; some kinds are created when they are not there. */
export const update =
  (strategy: UpdateStrategy, subresource = ''): Handler =>
  async (scope) => {
    const { resource, deps, request, query } = scope;
    const how = objectRepresentation(scope);
    const body = await parsedBody(deps.schema, request);
    const decoded = decodeObject(deps.schema, resource, body, fieldValidation(query), scope.warn);
    const wire = withOwnersOnce(decoded, scope.warn);
    const sent = resource.view?.toStored(wire) ?? wire;
    const change = () =>
      write(
        scope,
        (current) => tracked(scope, subresource, planUpdate(resource, strategy, sent, current), current),
        strategy,
      );
    if (subresource || !resource.strategy.createsOnUpdate) return showObject(scope, await change(), how);
    const { object, status } = await upsert(scope, change, () => createObject(scope, unborn(scope, sent)));
    return showObject(scope, object, how, status);
  };

/** What is to be created may not be about an object that was; a revision of one says nothing. Throws 400 and 409. */
function unborn({ resource, name }: Scope, sent: KubeObject): KubeObject {
  const { resourceVersion: _, ...metadata } = named(sent, name).metadata;
  const { uid } = metadata;
  if (uid) {
    throw conflict(resource, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: `);
  }
  return { ...sent, metadata };
}
