/** PATCH of one object, or of one side of it: the patch is applied to the newest state, atomically. */
import { tracked } from '../apply/tracked.ts';
import { mediaType, type Parsed, parseBody, readBody } from '../decode/body.ts';
import { decodeObject } from '../decode/object.ts';
import { APPLY, fieldValidation } from '../decode/write-options.ts';
import { wire } from '../encode/represent.ts';
import { withOwnersOnce } from '../objects/owner-references.ts';
import { planUpdate } from '../objects/update.ts';
import { patcher } from '../patch/index.ts';
import type { UpdateStrategy } from '../registry/resource.ts';
import { type Handler, objectRepresentation, showObject } from '../scope.ts';
import { apply } from './apply.ts';
import { write } from './write.ts';

/** Changes what `strategy` lets a client change. */
export const patch =
  (strategy: UpdateStrategy, subresource = ''): Handler =>
  async (scope) => {
    const { resource, deps, request, query } = scope;
    const contentType = mediaType(request.headers.get('content-type'));
    const how = objectRepresentation(scope);
    if (contentType === APPLY) return apply(scope, strategy, subresource, how);
    const applyPatch = patcher(contentType, deps.schema.typeOf(resource));
    const body: Parsed = parseBody(await readBody(request), 'application/json');
    const validation = fieldValidation(query);
    // The decision may be made more than once, a warning is given once.
    const warnings = new Set<string>();
    const saved = await write(
      scope,
      (current) => {
        const patched = { value: applyPatch(wire(resource, current), body.value), duplicates: body.duplicates };
        const warn = (text: string) => void warnings.add(text);
        const sent = withOwnersOnce(decodeObject(deps.schema, resource, patched, validation, warn), warn);
        const next = planUpdate(resource, strategy, resource.view?.toStored(sent) ?? sent, current);
        return tracked(scope, subresource, next, current);
      },
      strategy,
    );
    warnings.forEach(scope.warn);
    return showObject(scope, saved, how);
  };
