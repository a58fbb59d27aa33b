/** What a request writes, as its managers are to see it. */
import { apiVersionOf } from '../decode/object.ts';
import { badRequest } from '../errors.ts';
import { timestamp } from '../objects/time.ts';
import type { Scope } from '../scope.ts';
import type { ManagerId } from './managers.ts';
import type { Write } from './plan.ts';

const maxName = 128;

/** The manager that a request names; undefined when it names none. Throws 400. */
export function fieldManager(query: URLSearchParams): string | undefined {
  const given = query.get('fieldManager') || undefined;
  if (given && (given.length > maxName || /[^\P{C}]/u.test(given))) {
    throw badRequest(`fieldManager: Invalid value: must be printable and at most ${maxName} characters`);
  }
  return given;
}

/** A client that names no manager is known by its program's name. */
const program = (request: Request): string =>
  (request.headers.get('user-agent') ?? '').split('/')[0]!.slice(0, maxName) || 'unknown';

/** `subresource` is empty for the object itself. Throws 400. */
export function writeOf(scope: Scope, operation: ManagerId['operation'], subresource: string): Write {
  const { deps, resource, query, request } = scope;
  const hasStatus = 'status' in resource.subresources;
  return {
    type: deps.schema.typeOf(resource),
    manager: {
      name: fieldManager(query) ?? program(request),
      operation,
      subresource,
      apiVersion: apiVersionOf(resource),
    },
    untouched: subresource === 'status' ? ['spec'] : hasStatus ? ['status'] : [],
    time: timestamp(deps.now()),
  };
}
