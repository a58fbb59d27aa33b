/** PUT of one object, or of one side of it (`/status`, ...). */

import { tracked } from '../apply/tracked.ts';
import { decodeObject } from '../decode/object.ts';
import { fieldValidation } from '../decode/options.ts';
import { parsedBody } from '../decode/request.ts';
import { planUpdate } from '../objects/update.ts';
import type { UpdateStrategy } from '../registry/resource.ts';
import { type Handler, objectRepresentation, showObject } from '../scope.ts';
import { write } from './write.ts';

/** Replaces what `strategy` lets a client change. */
export const update =
  (strategy: UpdateStrategy, subresource = ''): Handler =>
  async (scope) => {
    const { resource, deps, request, query } = scope;
    const how = objectRepresentation(scope);
    const body = await parsedBody(deps.schema, request);
    const wire = decodeObject(deps.schema, resource, body, fieldValidation(query), scope.warn);
    const sent = resource.view?.toStored(wire) ?? wire;
    const saved = await write(
      scope,
      (current) => tracked(scope, subresource, planUpdate(resource, strategy, sent, current), current),
      strategy,
    );
    return showObject(scope, saved, how);
  };
