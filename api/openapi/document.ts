/**
 * An OpenAPI v3 document of one group, made from the schema: what `kubectl explain` reads, and what tells clients that
 * field validation and dry runs are done by the server.
 */
import { apiVersionOf } from '../decode/object.ts';
import type { Served, ServedGroup } from '../discovery/served.ts';
import { rootOf } from '../registry/index.ts';
import type { Verb } from '../registry/resource.ts';
import type { Definition, KubernetesSchema } from '../schema/definitions.ts';

const DEFS = '#/$defs/';
const SCHEMAS = '#/components/schemas/';

/** The document of a group and version. */
export function groupDocument(schema: KubernetesSchema, served: ServedGroup, gitVersion: string): object {
  const names = served.resources.map(({ kind }) => schema.nameOf(served.group, served.version, kind));
  return {
    openapi: '3.0.0',
    info: { title: 'durapod', version: gitVersion },
    paths: Object.fromEntries(served.resources.flatMap((resource, i) => paths(served, resource, names[i]!))),
    components: { schemas: components(schema, names) },
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

/** OpenAPI 3.0 has no null among its types, and nothing may stand beside a reference. */
function toOpenApi(definition: Definition, refer: (name: string) => void): unknown {
  const { $ref, type, enum: values, properties, items, additionalProperties, oneOf, ...rest } = definition;
  const convert = (d: Definition): unknown => toOpenApi(d, refer);
  const given = [type].flat().find((t) => t !== 'null');
  const result: Record<string, unknown> = { ...rest };
  if (given) result.type = given;
  if (values) result.enum = values.filter((value) => value !== null);
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

const actions: Record<Verb, string> = {
  create: 'post',
  delete: 'delete',
  deletecollection: 'deletecollection',
  get: 'get',
  list: 'list',
  patch: 'patch',
  update: 'put',
  watch: 'watch',
};
const onCollection: [Verb, string][] = [
  ['list', 'get'],
  ['create', 'post'],
  ['deletecollection', 'delete'],
];
const onObject: [Verb, string][] = [
  ['get', 'get'],
  ['update', 'put'],
  ['patch', 'patch'],
  ['delete', 'delete'],
];

function paths({ group, version }: ServedGroup, resource: Served, name: string): [string, object][] {
  const root = rootOf({ group, version });
  const collection = resource.namespaced
    ? `${root}/namespaces/{namespace}/${resource.plural}`
    : `${root}/${resource.plural}`;
  const operation = (verb: Verb): object => ({
    tags: [apiVersionOf({ group, version })],
    operationId: `${actions[verb]}${resource.kind}`,
    parameters: queryOf(verb).map((parameter) => ({ name: parameter, in: 'query', schema: { type: 'string' } })),
    ...(verb === 'create' || verb === 'update' ? body(name, 'application/json') : {}),
    ...(verb === 'patch' ? { requestBody: { content: patchContent } } : {}),
    responses: { 200: { description: 'OK', content: { 'application/json': { schema: { $ref: SCHEMAS + name } } } } },
    'x-kubernetes-action': actions[verb],
    'x-kubernetes-group-version-kind': { group, version, kind: resource.kind },
  });
  const item = (verbs: [Verb, string][], named: boolean): object => ({
    ...Object.fromEntries(
      verbs.filter(([verb]) => resource.verbs.includes(verb)).map(([verb, method]) => [method, operation(verb)]),
    ),
    parameters: [...(resource.namespaced ? ['namespace'] : []), ...(named ? ['name'] : [])].map((parameter) => ({
      name: parameter,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
  });
  const single: [string, object][] = resource.verbs.includes('get')
    ? [[`${collection}/{name}`, item(onObject, true)]]
    : [];
  return [[collection, item(onCollection, false)], ...single];
}

const body = (name: string, type: string): object => ({
  requestBody: { required: true, content: { [type]: { schema: { $ref: SCHEMAS + name } } } },
});

const patchContent = Object.fromEntries(
  ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json'].map(
    (type) => [type, { schema: { type: 'object' } }],
  ),
);

/** The query parameters a verb takes. */
function queryOf(verb: Verb): string[] {
  const writing = ['dryRun', 'fieldManager', 'fieldValidation'];
  switch (verb) {
    case 'create':
    case 'update':
    case 'patch':
      return writing;
    case 'delete':
      return ['dryRun', 'gracePeriodSeconds', 'propagationPolicy'];
    case 'list':
      return [
        'continue',
        'fieldSelector',
        'labelSelector',
        'limit',
        'resourceVersion',
        'resourceVersionMatch',
        'watch',
      ];
    case 'deletecollection':
      return ['dryRun', 'fieldSelector', 'gracePeriodSeconds', 'labelSelector', 'propagationPolicy'];
    default:
      return [];
  }
}
