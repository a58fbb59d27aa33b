/** POST to a collection. */
import type { KubeObject } from '../../pod/types.ts';
import { AlreadyExists, type Store, type StoredObject } from '../../store/port.ts';
import { decodeObject } from '../decode/object.ts';
import { parsedBody } from '../decode/request.ts';
import { fieldValidation } from '../decode/write-options.ts';
import { alreadyExists, forbidden, invalid, notFound } from '../errors.ts';
import { identified } from '../objects/create.ts';
import { withOwnersOnce } from '../objects/owner-references.ts';
import { namespaces } from '../registry/namespaces.ts';
import type { Resource } from '../registry/resource.ts';
import { type Handler, keyOf, objectRepresentation, type Scope, showObject } from '../scope.ts';

/** Names drawn for one generateName before the client is told that they are all taken. */
const draws = 8;

export const create: Handler = async (scope) => {
  const how = objectRepresentation(scope);
  const body = await parsedBody(scope.deps.schema, scope.request);
  const decoded = decodeObject(scope.deps.schema, scope.resource, body, fieldValidation(scope.query), scope.warn);
  const sent = withOwnersOnce(decoded, scope.warn);
  return showObject(scope, await createObject(scope, scope.resource.view?.toStored(sent) ?? sent), how, 201);
};

/** Stores a new object (in stored form) as a client sent it, and as `finish` completes it. Throws 400, 403, 404, 409 and 422. */
export async function createObject(
  scope: Scope,
  sent: KubeObject,
  finish: (object: KubeObject) => KubeObject = (object) => object,
): Promise<StoredObject> {
  for (let draw = 1; ; draw++) {
    const object = await prepared(scope, sent);
    const name = object.metadata.name ?? '';
    try {
      const created = await scope.store.create(keyOf({ ...scope, name }), finish(object), 'client');
      scope.resource.strategy.create.warnings?.(object).forEach(scope.warn);
      return created;
    } catch (error) {
      if (!(error instanceof AlreadyExists)) throw error;
      if (sent.metadata.name || draw === draws) throw alreadyExists(scope.resource, name);
    }
  }
}

async function prepared({ resource, namespace, store, deps }: Scope, sent: KubeObject): Promise<KubeObject> {
  const { strategy, namespaced } = resource;
  const identity = identified(sent, namespaced, namespace, deps.now());
  if (namespaced) await checkNamespace(store, resource, namespace, identity.metadata.name ?? '');
  const defaulted = strategy.defaults?.(identity) ?? identity;
  const object = (await strategy.create.prepare?.(defaulted, { store, now: deps.now })) ?? defaulted;
  const errors = strategy.create.validate(object);
  if (errors.length > 0) throw invalid(resource, object.metadata.name ?? '', errors);
  return object;
}

/** Nothing new begins in a namespace that is not there or is going (upstream's NamespaceLifecycle admission). */
async function checkNamespace(store: Store, resource: Resource, namespace: string, name: string): Promise<void> {
  const found = await store.get({ resource: namespaces.storage, namespace: '', name: namespace });
  if (!found) throw notFound(namespaces, namespace);
  if (!found.metadata.deletionTimestamp) return;
  throw forbidden(
    resource,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  );
}
