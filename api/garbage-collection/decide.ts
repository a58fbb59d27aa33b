/** What becomes of an object whose owners are not all as they should be: decided here, carried out by `collect.ts`. */
import type { KubeObject } from '../../pod/types.ts';
import { FOREGROUND, ORPHAN, type PropagationPolicy, type Waiting, waitingOf } from '../objects/propagation.ts';
import type { OwnerReference } from './graph.ts';

/** How it stands with an owner: `unknown` says nothing about whether it is there. */
export type OwnerState = 'there' | 'waiting' | 'gone' | 'unknown';

export type Decision =
  | { do: 'nothing' }
  /** It has an owner, and is to forget the others. */
  | { do: 'keep'; owners: OwnerReference[] }
  /** `unblocking`: no owner is to wait for it any more. */
  | { do: 'delete'; policy: PropagationPolicy; unblocking: boolean };

/** How an owner is, from what is found in its place; `found` is undefined where nothing is. */
export function ownerState({ uid }: OwnerReference, found: KubeObject | undefined): OwnerState {
  if (!found || found.metadata.uid !== uid) return 'gone';
  return found.metadata.deletionTimestamp && waitingOf(found) === FOREGROUND ? 'waiting' : 'there';
}

/** `states` go with the object's owners, one by one; `below` says what its own dependents wait for. */
export function decide(
  { metadata }: KubeObject,
  states: readonly OwnerState[],
  below: readonly (Waiting | undefined)[],
): Decision {
  const owners = metadata.ownerReferences ?? [];
  if (owners.length === 0 || states.includes('unknown')) return { do: 'nothing' };
  const there = owners.filter((_, i) => states[i] === 'there');
  if (there.length > 0) return there.length === owners.length ? { do: 'nothing' } : { do: 'keep', owners: there };
  if (states.includes('waiting') && below.length > 0) {
    // In a circle each would wait for the next.
    return { do: 'delete', policy: 'Foreground', unblocking: below.includes(FOREGROUND) };
  }
  return { do: 'delete', policy: policyOf[waitingOf({ metadata }) ?? 'none'], unblocking: false };
}

const policyOf: Record<Waiting | 'none', PropagationPolicy> = {
  [ORPHAN]: 'Orphan',
  [FOREGROUND]: 'Foreground',
  none: 'Background',
};

/** The object with these owners only. */
export function withOwners(object: KubeObject, owners: OwnerReference[]): KubeObject {
  const { ownerReferences: _, ...metadata } = object.metadata;
  return { ...object, metadata: owners.length > 0 ? { ...metadata, ownerReferences: owners } : metadata };
}

/** The object without an owner. */
export const withoutOwner = (object: KubeObject, uid: string): KubeObject =>
  withOwners(
    object,
    (object.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid),
  );

/** The object as one that no owner waits for. */
export const unblocking = (object: KubeObject): KubeObject =>
  withOwners(
    object,
    (object.metadata.ownerReferences ?? []).map((owner) =>
      owner.blockOwnerDeletion ? { ...owner, blockOwnerDeletion: false } : owner,
    ),
  );
