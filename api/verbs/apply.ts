/** Server-side apply: PATCH with a configuration, of an object that exists or is to be (Kubernetes docs, "Server-Side Apply"). */
import type { KubeObject } from '../../pod/types.ts';
import { DELETE, type StoredObject } from '../../store/port.ts';
import { applyConflict } from '../apply/conflict-error.ts';
import { duplicateItems } from '../apply/duplicates.ts';
import { sameButTimes } from '../apply/managers.ts';
import { planApply } from '../apply/plan.ts';
import { writeOf } from '../apply/write-of.ts';
import { type Parsed, parseBody, readBody } from '../decode/body.ts';
import { decodeObject } from '../decode/object.ts';
import { flag } from '../decode/options.ts';
import { fieldValidation } from '../decode/write-options.ts';
import { type Representation, wire } from '../encode/represent.ts';
import { badRequest, conflict } from '../errors.ts';
import { named, placed } from '../objects/create.ts';
import { planUpdate } from '../objects/update.ts';
import type { UpdateStrategy } from '../registry/resource.ts';
import { type Scope, showObject } from '../scope.ts';
import { createObject } from './create.ts';
import { upsert } from './upsert.ts';
import { write } from './write.ts';

/** `subresource` is empty for the object itself. */
export async function apply(
  scope: Scope,
  strategy: UpdateStrategy,
  subresource: string,
  how: Representation,
): Promise<Response> {
  const { query, request } = scope;
  const force = flag(query, 'force');
  const body = parseBody(await readBody(request), 'application/yaml');
  const config = configuration(scope, body);
  const change = () => applied(scope, strategy, subresource, config, force);
  if (subresource) return showObject(scope, await change(), how);
  const { object, status } = await upsert(scope, change, () => created(scope, config));
  return showObject(scope, object, how, status);
}

/** What the client wants, nothing added. Throws 400. */
function configuration(scope: Scope, body: Parsed): KubeObject {
  const { deps, resource, query, name, namespace } = scope;
  const config = decodeObject(deps.schema, resource, body, fieldValidation(query), scope.warn, true);
  const duplicates = duplicateItems(deps.schema.typeOf(resource), config);
  if (duplicates.length > 0) {
    throw badRequest(`the configuration has items that cannot be told apart: ${duplicates.join(', ')} is there twice`);
  }
  const { namespace: given, ...metadata } = named(config, name).metadata;
  if (metadata.managedFields) throw badRequest('metadata.managedFields must be nil');
  const home = placed(given, namespace, resource.namespaced);
  return { ...config, metadata: { ...metadata, ...(home && { namespace: home }) } };
}

function applied(
  scope: Scope,
  strategy: UpdateStrategy,
  subresource: string,
  config: KubeObject,
  force: boolean,
): Promise<StoredObject> {
  const { resource } = scope;
  const plan = writeOf(scope, 'Apply', subresource);
  return write(
    scope,
    (current) => {
      const result = planApply(plan, wire(resource, current), config, force);
      if ('conflicts' in result) throw applyConflict(result.conflicts);
      const next = planUpdate(resource, strategy, whole(scope, result.object), current);
      if (next === DELETE || next === undefined) return next;
      const managed = managedAs(next as KubeObject, result.object);
      // What the object's kind makes of the configuration may be what is there.
      return sameButTimes(managed, current) ? undefined : managed;
    },
    strategy,
  );
}

function created(scope: Scope, config: KubeObject): Promise<StoredObject> {
  const { uid } = config.metadata;
  if (uid) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(scope.resource, scope.name, why);
  }
  const result = planApply(writeOf(scope, 'Apply', ''), undefined, config, true) as { object: KubeObject };
  return createObject(scope, whole(scope, config), (object) => managedAs(object, result.object));
}

/** In stored form, with what every object of its kind must have. */
function whole({ deps, resource }: Scope, object: KubeObject): KubeObject {
  const decoded = decodeObject(deps.schema, resource, { value: object, duplicates: [] }, 'Ignore', () => {});
  return resource.view?.toStored(decoded) ?? decoded;
}

const managedAs = (object: KubeObject, { metadata: { managedFields } }: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, managedFields },
});
