/**
 * An OpenAPI v3 document of one group, made from the schema: what `kubectl explain` reads, and what tells clients that
 * field validation and dry runs are done by the server.
 */
import type { ServedGroup } from '../discovery/served.ts';
import type { Definition, KubernetesSchema } from '../schema/definitions.ts';
import type { Refer } from './operation.ts';
import { pathsOf } from './paths.ts';

const DEFS = '#/$defs/';
const SCHEMAS = '#/components/schemas/';

/** The document of a group and version. */
export function groupDocument(schema: KubernetesSchema, served: ServedGroup, gitVersion: string): object {
  const names = new Set<string>();
  const refer: Refer = (name) => {
    names.add(name);
    return { $ref: SCHEMAS + name };
  };
  return {
    openapi: '3.0.0',
    info: { title: 'durapod', version: gitVersion },
    paths: pathsOf(served, schema, refer),
    components: { schemas: components(schema, [...names]) },
  };
}

/** The named definitions and all that they refer to. */
function components(schema: KubernetesSchema, names: readonly string[]): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name in found) continue;
    found[name] = toOpenApi(schema.definition(name), (ref) => void open.push(ref));
  }
  return found;
}

/**
 * OpenAPI 3.0 has no null among its types, and nothing may stand beside a reference. The only enums of the schema are
 * those of `apiVersion` and `kind`, one value each, which upstream's documents do not have.
 */
function toOpenApi(definition: Definition, refer: (name: string) => void): unknown {
  const { $ref, type, enum: _, properties, items, additionalProperties, oneOf, ...rest } = definition;
  const convert = (d: Definition): unknown => toOpenApi(d, refer);
  const given = [type].flat().find((t) => t !== 'null');
  const result: Record<string, unknown> = { ...rest };
  if (given) result.type = given;
  if (properties) {
    result.properties = Object.fromEntries(Object.entries(properties).map(([name, d]) => [name, convert(d)]));
  }
  if (items) result.items = convert(items);
  if (typeof additionalProperties === 'object') result.additionalProperties = convert(additionalProperties);
  if (oneOf) result.oneOf = oneOf.map(convert);
  if ($ref) {
    const name = $ref.slice(DEFS.length);
    refer(name);
    const reference = { $ref: SCHEMAS + name };
    return Object.keys(result).length > 0 ? { ...result, allOf: [reference] } : reference;
  }
  return result;
}
