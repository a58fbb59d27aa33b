/**
 * What becomes of a stored object when a client deletes it. Rules: Kubernetes docs, "Finalizers" and "Pod Lifecycle:
 * Termination of Pods".
 */
import type { KubeObject } from '../../pod/types.ts';
import { DELETE, type Mutation } from '../../store/port.ts';
import { conflict, forbidden } from '../errors.ts';
import type { Resource } from '../registry/resource.ts';
import { type Propagation, propagated } from './propagation.ts';
import { timestamp } from './time.ts';

export interface DeleteOptions extends Propagation {
  gracePeriodSeconds?: number;
  preconditions?: { uid?: string; resourceVersion?: string };
}

/** True when an object that is being deleted is held by nothing any more. */
export function mayGo(resource: Resource, object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata;
  return Boolean(deletionTimestamp) && deletionGracePeriodSeconds === 0 && !isHeld(resource, object, finalizers);
}

const isHeld = (resource: Resource, object: KubeObject, finalizers: string[]): boolean =>
  finalizers.length > 0 || Boolean(resource.strategy.deletion.held?.(object));

/**
 * DELETE when the object goes now; a marked object when it stays for its grace period or its finalizers; undefined when
 * it is going already and this request changes nothing. Throws 403 (may never go), 409 (a precondition does not hold).
 */
export function planDeletion(resource: Resource, object: KubeObject, options: DeleteOptions, now: Date): Mutation {
  checkPreconditions(resource, object, options);
  const refusal = resource.strategy.deletion.refusal?.(object);
  if (refusal) throw forbidden(resource, object.metadata.name ?? '', refusal);
  const going = Boolean(object.metadata.deletionTimestamp);
  const marked = going ? hastened(resource, object, options) : begun(resource, object, options, now);
  return mayGo(resource, marked) ? DELETE : marked === object ? undefined : marked;
}

function checkPreconditions(resource: Resource, { metadata }: KubeObject, { preconditions = {} }: DeleteOptions): void {
  const name = metadata.name ?? '';
  if (preconditions.uid && preconditions.uid !== metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${metadata.uid}`;
    throw conflict(resource, name, why);
  }
  if (preconditions.resourceVersion && preconditions.resourceVersion !== metadata.resourceVersion) {
    const why = `Precondition failed: ResourceVersion in precondition: ${preconditions.resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`;
    throw conflict(resource, name, why);
  }
}

function begun(resource: Resource, object: KubeObject, options: DeleteOptions, now: Date): KubeObject {
  const { deletion } = resource.strategy;
  const seconds = deletion.grace?.(object, options.gracePeriodSeconds) ?? 0;
  const held = propagated(resource, object, options);
  const { generation } = object.metadata;
  const marked = {
    ...held,
    metadata: {
      ...held.metadata,
      deletionTimestamp: timestamp(new Date(now.getTime() + seconds * 1000)),
      deletionGracePeriodSeconds: seconds,
      ...(generation === undefined ? {} : { generation: generation + 1 }),
    },
  };
  return deletion.begin?.(marked) ?? marked;
}

/**
 * A second request may only shorten what is left; the end is counted from the first one. What becomes of dependents it
 * changes only where there is no grace period to be waited for.
 */
function hastened(resource: Resource, object: KubeObject, options: DeleteOptions): KubeObject {
  const { gracePeriodSeconds } = options;
  const { deletionTimestamp, deletionGracePeriodSeconds: before = 0 } = object.metadata;
  const { grace, held } = resource.strategy.deletion;
  if (before === 0) return held?.(object) ? object : propagated(resource, object, options);
  // A Pod that has ended meanwhile needs no grace, whatever was asked for.
  const seconds =
    grace && (gracePeriodSeconds !== undefined || grace(object, undefined) === 0)
      ? grace(object, gracePeriodSeconds)
      : before;
  if (seconds >= before) return object;
  const end = new Date(new Date(deletionTimestamp ?? 0).getTime() - (before - seconds) * 1000);
  const { metadata, ...rest } = propagated(resource, object, options);
  return {
    ...rest,
    metadata: { ...metadata, deletionTimestamp: timestamp(end), deletionGracePeriodSeconds: seconds },
  };
}
