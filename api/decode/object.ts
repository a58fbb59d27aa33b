/** From a parsed body to an object of the kind that the path names. */
import type { KubeObject } from '../../pod/types.ts';
import { badRequest } from '../errors.ts';
import { conform, TypeMismatch } from '../schema/conform.ts';
import type { KubernetesSchema } from '../schema/definitions.ts';
import type { Parsed } from './body.ts';
import type { FieldValidation } from './write-options.ts';

/** Which kind a body must be. */
export interface Kind {
  group: string;
  version: string;
  kind: string;
}

export const apiVersionOf = ({ group, version }: { group: string; version: string }): string =>
  group ? `${group}/${version}` : version;

/**
 * The object, conforming to the schema, with apiVersion and kind filled in. Unknown and duplicate fields are refused
 * (Strict) or told to `warn`. Of a `partial` one only what is there is looked at; as what is in it is going to be managed
 * field by field, each must be known. Throws 400.
 */
export function decodeObject(
  schema: KubernetesSchema,
  kind: Kind,
  parsed: Parsed | undefined,
  validation: FieldValidation,
  warn: (message: string) => void,
  partial = false,
): KubeObject {
  const { value, duplicates = [] } = parsed ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest(`the body of the request must be one ${kind.kind} object`);
  }
  const apiVersion = apiVersionOf(kind);
  const given = value as { apiVersion?: unknown; kind?: unknown };
  if (given.apiVersion && given.apiVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${given.apiVersion}) does not match the expected API version (${apiVersion})`,
    );
  }
  if (given.kind && given.kind !== kind.kind) {
    throw badRequest(`the kind in the data (${given.kind}) does not match the expected kind (${kind.kind})`);
  }
  const unknown: string[] = [];
  const object = conforming(schema, kind, value, unknown, partial);
  const stray = unknown.map((field) => `unknown field "${field}"`);
  const complaints = [...stray, ...[...new Set(duplicates)].map((field) => `duplicate field "${field}"`)];
  const refused = validation === 'Strict' ? complaints : partial ? stray : [];
  if (refused.length > 0) {
    throw badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${refused.join(', ')}`,
    );
  }
  if (validation === 'Warn') complaints.forEach(warn);
  return { ...object, apiVersion, kind: kind.kind, metadata: object.metadata ?? {} } as KubeObject;
}

function conforming(
  schema: KubernetesSchema,
  kind: Kind,
  value: unknown,
  unknown: string[],
  partial: boolean,
): Record<string, unknown> {
  try {
    return conform(schema.typeOf(kind), value, unknown, partial) as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof TypeMismatch)) throw error;
    throw badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${error.message}`);
  }
}
