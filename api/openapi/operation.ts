/** What one request may carry, and what comes back. */
import { apiVersionOf, type Kind } from '../decode/object.ts';
import { APPLY } from '../decode/write-options.ts';
import type { Served } from '../discovery/served.ts';
import { patchTypes } from '../patch/index.ts';
import type { Operation } from '../registry/operations.ts';
import type { Subresource } from '../registry/resource.ts';
import type { KubernetesSchema } from '../schema/definitions.ts';
import { queryParameters } from './parameters.ts';

/** A reference to a named definition, which the document will hold. */
export type Refer = (name: string) => object;

interface Described {
  group: string;
  version: string;
  resource: Served;
  operation: Operation;
  schema: KubernetesSchema;
  refer: Refer;
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.';

/** The operation as OpenAPI has it. */
export function describeOperation(described: Described): object {
  const { group, version, resource, operation } = described;
  const kind = kindOf(described);
  const action = actionOf(operation);
  return {
    tags: [apiVersionOf({ group, version })],
    operationId: operationId(action, resource, operation),
    parameters: queryParameters(operation),
    ...requestBody(described, kind),
    responses: responses(described, kind),
    'x-kubernetes-action': action,
    ...(kind ? { 'x-kubernetes-group-version-kind': kind } : {}),
  };
}

/** The kind that an operation is about; undefined where Kubernetes has none. */
function kindOf({ group, version, resource, operation: { sub } }: Described): Kind | undefined {
  if (!sub) return { group, version, kind: resource.kind };
  return sub.kind ? { group: sub.group ?? group, version: sub.version ?? version, kind: sub.kind } : undefined;
}

/** By upstream's names. */
function actionOf({ verb, sub }: Operation): string {
  if (sub?.isStream && sub.answer?.code !== 200) return 'connect';
  return { create: 'post', update: 'put' }[verb as string] ?? verb;
}

/** Different for each operation of a document. */
function operationId(action: string, { kind, namespaced }: Served, { path, method, sub }: Operation): string {
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  const how = action === 'connect' ? capital(method.toLowerCase()) : '';
  const below = path.endsWith('{path}') ? 'WithPath' : '';
  const everywhere = namespaced && !path.includes('{namespace}') ? 'ForAllNamespaces' : '';
  return `${action}${how}${kind}${capital(sub?.name ?? '')}${below}${everywhere}`;
}

const inFormats = (schema: object): object => ({
  content: { 'application/json': { schema }, 'application/yaml': { schema } },
});

const anyBody = { content: { '*/*': { schema: {} } } };

const patchBody = {
  required: true,
  content: Object.fromEntries(
    [...patchTypes, APPLY].map((type) => [
      type,
      {
        schema:
          type === 'application/json-patch+json' ? { type: 'array', items: { type: 'object' } } : { type: 'object' },
      },
    ]),
  ),
};

function requestBody({ operation, schema, refer }: Described, kind: Kind | undefined): { requestBody?: object } {
  if (operation.sub?.isStream) return {};
  switch (operation.verb) {
    case 'create':
    case 'update':
      return { requestBody: kind ? { required: true, ...inFormats(refer(definitionOf(schema, kind))) } : anyBody };
    case 'patch':
      return { requestBody: patchBody };
    case 'delete':
    case 'deletecollection':
      return { requestBody: inFormats(refer(`${META}DeleteOptions`)) };
    default:
      return {};
  }
}

function responses(described: Described, kind: Kind | undefined): object {
  const { operation, resource, schema, refer } = described;
  const { verb, sub } = operation;
  if (sub?.answer) return special(sub.answer, refer);
  if (!kind) return {};
  if (verb === 'list' || verb === 'deletecollection') {
    return { 200: ok(refer(definitionOf(schema, { ...kind, kind: `${kind.kind}List` }))) };
  }
  const object = refer(definitionOf(schema, kind));
  if (verb === 'create') return { 201: created(object) };
  if (verb === 'delete') {
    // What a finalizer holds is shown, of whatever kind.
    const shown = resource.strategy?.deletion.showsObject;
    return { 200: ok(shown ? object : { oneOf: [refer(`${META}Status`), object] }) };
  }
  const mayCreate = !sub && (verb === 'patch' || (verb === 'update' && resource.strategy?.createsOnUpdate));
  return { 200: ok(object), ...(mayCreate ? { 201: created(object) } : {}) };
}

const ok = (schema: object): object => ({ description: 'OK', ...inFormats(schema) });
const created = (schema: object): object => ({ description: 'Created', ...inFormats(schema) });

function special({ code, type, isStatus }: NonNullable<Subresource['answer']>, refer: Refer): object {
  const description = { 101: 'Switching Protocols', 200: 'OK', 201: 'Created', default: 'what the Pod answers' }[code];
  if (isStatus) return { [code]: { description, ...inFormats(refer(`${META}Status`)) } };
  return { [code]: { description, ...(type ? { content: { [type]: { schema: {} } } } : {}) } };
}

const definitionOf = (schema: KubernetesSchema, { group, version, kind }: Kind): string =>
  schema.nameOf(group, version, kind);
