/** What a request writes, as its managers are to see it. */
import { apiVersionOf } from '../decode/object.ts';
import { timestamp } from '../objects/time.ts';
import type { Scope } from '../scope.ts';
import type { ManagerId } from './managers.ts';
import type { Write } from './plan.ts';

const maxName = 128;

/** A client that names no manager is known by its program's name. */
const program = (request: Request): string =>
  (request.headers.get('user-agent') ?? '').split('/')[0]!.slice(0, maxName) || 'unknown';

/** `subresource` is empty for the object itself. */
export function writeOf(scope: Scope, operation: ManagerId['operation'], subresource: string): Write {
  const { deps, resource, query, request } = scope;
  const hasStatus = 'status' in resource.subresources;
  return {
    type: deps.schema.typeOf(resource),
    manager: {
      name: query.get('fieldManager') || program(request),
      operation,
      subresource,
      apiVersion: apiVersionOf(resource),
    },
    untouched: subresource === 'status' ? ['spec'] : hasStatus ? ['status'] : [],
    time: timestamp(deps.now()),
  };
}
