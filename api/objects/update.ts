/** What becomes of a stored object when a client writes it: decided here, written by the verbs. */
import { invalid as invalidField } from '../../pod/field-error.ts';
import type { KubeObject } from '../../pod/types.ts';
import { DELETE, type Mutation } from '../../store/port.ts';
import { badRequest, conflict, invalid } from '../errors.ts';
import type { Resource, UpdateStrategy } from '../registry/resource.ts';
import { named } from './create.ts';
import { mayGo } from './deletion.ts';
import { equal } from './equal.ts';

/**
 * The new state of `old` after a client sent `sent` (in stored form), or DELETE when that was the last thing that held
 * an object being deleted. Throws 400 (another object's name), 409 (somebody else wrote since), 422.
 */
export function planUpdate(resource: Resource, strategy: UpdateStrategy, sent: KubeObject, old: KubeObject): Mutation {
  checkIdentity(resource, sent, old);
  const defaulted = resource.strategy.defaults?.(withSystemMetadata(sent, old)) ?? withSystemMetadata(sent, old);
  const prepared = withGeneration(strategy.prepare(defaulted, old), old);
  const errors = strategy.validate(prepared, old);
  if (errors.length > 0) throw invalid(resource, old.metadata.name ?? '', errors);
  return mayGo(resource, prepared) ? DELETE : prepared;
}

function checkIdentity(resource: Resource, sent: KubeObject, old: KubeObject): void {
  const name = old.metadata.name ?? '';
  const { metadata } = named(sent, name);
  if (resource.namespaced && metadata.namespace && metadata.namespace !== old.metadata.namespace) {
    throw badRequest(
      `the namespace of the object (${metadata.namespace}) does not match the namespace on the URL (${old.metadata.namespace})`,
    );
  }
  if (metadata.uid && metadata.uid !== old.metadata.uid) {
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${old.metadata.uid}`,
    );
  }
  if (metadata.resourceVersion && metadata.resourceVersion !== old.metadata.resourceVersion) {
    throw conflict(resource, name);
  }
  if (!metadata.resourceVersion && resource.strategy.replacesKnown) {
    const error = invalidField('metadata.resourceVersion', 0, 'must be specified for an update');
    // Upstream says the resource's name in the place of the kind's.
    throw invalid({ group: resource.group, kind: resource.plural }, name, [error]);
  }
}

/** Fields that only the server sets keep what they have, whatever a client left out or put in. */
const systemFields = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

function withSystemMetadata(sent: KubeObject, old: KubeObject): KubeObject {
  const { managedFields, selfLink: _, ...given } = sent.metadata;
  const metadata: Record<string, unknown> = given;
  const managed = managedFieldsAfter(managedFields, old.metadata.managedFields);
  if (managed) metadata.managedFields = managed;
  for (const field of systemFields) {
    if (old.metadata[field] === undefined) delete metadata[field];
    else metadata[field] = old.metadata[field];
  }
  return { ...sent, metadata };
}

/** Those of a tracked object may be changed by a client that sends them; a list of nothing ends the tracking. */
function managedFieldsAfter(sent: object[] | undefined, old: object[] | undefined): object[] | undefined {
  if (!old || !sent) return old;
  return sent.every((entry) => Object.keys(entry).length === 0) ? undefined : sent;
}

/** The generation counts changes of the spec, for kinds that have one. */
function withGeneration(next: KubeObject, old: KubeObject): KubeObject {
  const { generation } = old.metadata;
  if (generation === undefined || equal(next.spec, old.spec)) return next;
  return { ...next, metadata: { ...next.metadata, generation: generation + 1 } };
}
