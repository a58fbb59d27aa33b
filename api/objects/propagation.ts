/**
 * What becomes of the dependents of an object that is deleted. Until that has been done (`../garbage-collection/`) a
 * finalizer says it and holds the object. Rules: Kubernetes docs, "Garbage Collection: Cascading deletion".
 */
import type { KubeObject } from '../../pod/types.ts';
import type { Resource } from '../registry/resource.ts';

export type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan';

/** Its dependents are to lose their reference to it before it goes. */
export const ORPHAN = 'orphan';
/** Its dependents are to go before it. */
export const FOREGROUND = 'foregroundDeletion';
export type Waiting = typeof ORPHAN | typeof FOREGROUND;

const finalizers: Readonly<Record<PropagationPolicy, Waiting | undefined>> = {
  Background: undefined,
  Foreground: FOREGROUND,
  Orphan: ORPHAN,
};

export interface Propagation {
  propagationPolicy?: PropagationPolicy;
  /** The option's older form. */
  orphanDependents?: boolean;
}

/** The finalizer among those of the object that says what is to become of its dependents. */
export const waitingOf = ({ metadata }: Pick<KubeObject, 'metadata'>): Waiting | undefined =>
  (metadata.finalizers ?? []).find((name): name is Waiting => name === ORPHAN || name === FOREGROUND);

/** The object held as it was asked for; what it says itself stands where nothing was. */
export function propagated(resource: Resource, object: KubeObject, asked: Propagation): KubeObject {
  const wanted = resource.strategy.deletion.ownsNothing ? undefined : waitingAfter(object, asked);
  const before = object.metadata.finalizers ?? [];
  const others = before.filter((name) => name !== ORPHAN && name !== FOREGROUND);
  if (wanted ? before.includes(wanted) && before.length === others.length + 1 : before.length === others.length) {
    return object;
  }
  return withFinalizers(object, wanted ? [...others, wanted] : others);
}

function waitingAfter(object: KubeObject, { propagationPolicy, orphanDependents }: Propagation): Waiting | undefined {
  if (orphanDependents !== undefined) return orphanDependents ? ORPHAN : undefined;
  return propagationPolicy ? finalizers[propagationPolicy] : waitingOf(object);
}

/** The object without what holds it for its dependents. */
export const released = (object: KubeObject, waiting: Waiting): KubeObject =>
  withFinalizers(
    object,
    (object.metadata.finalizers ?? []).filter((name) => name !== waiting),
  );

function withFinalizers(object: KubeObject, names: string[]): KubeObject {
  const { finalizers: _, ...metadata } = object.metadata;
  return { ...object, metadata: names.length > 0 ? { ...metadata, finalizers: names } : metadata };
}
