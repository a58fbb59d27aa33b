/** Who belongs to whom, as told by the log: kept in memory, so that a change costs what it concerns and no more. */
import type { KubeObject } from '../../pod/types.ts';
import type { Key } from '../../store/port.ts';
import { apiVersionOf } from '../decode/object.ts';
import { equal } from '../objects/equal.ts';
import { FOREGROUND, type Waiting, waitingOf } from '../objects/propagation.ts';
import type { Resource } from '../registry/resource.ts';

export type OwnerReference = NonNullable<KubeObject['metadata']['ownerReferences']>[number];

/** What is known of an object. */
export interface Member {
  resource: Resource;
  namespace: string;
  name: string;
  uid: string;
  owners: readonly OwnerReference[];
  isGoing: boolean;
  /** What its end waits for. */
  waiting?: Waiting;
}

export function memberOf(resource: Resource, { metadata }: Pick<KubeObject, 'metadata'>): Member {
  const { namespace = '', name = '', uid = '', ownerReferences = [], deletionTimestamp } = metadata;
  const isGoing = Boolean(deletionTimestamp);
  const waiting = isGoing ? waitingOf({ metadata }) : undefined;
  return { resource, namespace, name, uid, owners: ownerReferences, isGoing, waiting };
}

export const keyOf = ({ resource, namespace, name }: Member): Key => ({ resource: resource.storage, namespace, name });

/** True when an object may be the owner of another one, by where they are. */
export const isWithinReach = (owner: Member, dependent: Member): boolean =>
  !owner.resource.namespaced || owner.namespace === dependent.namespace;

export class OwnerGraph {
  readonly #members = new Map<string, Member>();
  /** By the uid of the owner, who need not be there. */
  readonly #dependents = new Map<string, Set<string>>();

  get(uid: string): Member | undefined {
    return this.#members.get(uid);
  }

  dependentsOf(uid: string): Member[] {
    return [...(this.#dependents.get(uid) ?? [])].flatMap((dependent) => this.#members.get(dependent) ?? []);
  }

  /** True while one is there that the owner's end has to wait for. Nothing waits for itself. */
  isBlocked(uid: string): boolean {
    const dependents = this.#dependents.get(uid) ?? new Set();
    return dependents.values().some((dependent) => dependent !== uid && blocks(this.#members.get(dependent), uid));
  }

  /** Takes an object as it is now; returns the uids of those that there may be something to do with. */
  put(member: Member): string[] {
    const { uid, owners, waiting } = member;
    const before = this.#members.get(uid);
    this.#members.set(uid, member);
    const begun = waiting === before?.waiting ? [] : this.#concernedByEndOf(member);
    if (before && equal(before.owners, owners)) return begun;
    if (before) this.#unlink(before);
    for (const owner of owners) this.#link(owner.uid, uid);
    const freed = (before?.owners ?? []).filter((owner) => blocks(before, owner.uid) && !blocks(member, owner.uid));
    return [...(this.#isInOrder(member) ? [] : [uid]), ...this.#waitingForDependents(freed), ...begun];
  }

  /** Forgets an object that is gone; returns as `put` does. */
  remove(uid: string): string[] {
    const gone = this.#members.get(uid);
    if (!gone) return [];
    this.#members.delete(uid);
    this.#unlink(gone);
    return [...(this.#dependents.get(uid) ?? []), ...this.#waitingForDependents(gone.owners)];
  }

  /** All that there may be something to do with, once all have been put. */
  unsettled(): string[] {
    const concerned = [...this.#members.values()].flatMap((member) => [
      ...(this.#isInOrder(member) ? [] : [member.uid]),
      ...this.#concernedByEndOf(member),
    ]);
    return [...new Set(concerned)];
  }

  /** True when each owner is there as it is named, and is not one that goes after its dependents. */
  #isInOrder(member: Member): boolean {
    return member.owners.every((reference) => {
      const owner = this.#members.get(reference.uid);
      return owner && owner.waiting !== FOREGROUND && isNamed(owner, reference) && isWithinReach(owner, member);
    });
  }

  /** Who is looked at when something waits for what becomes of its dependents: these before it. */
  #concernedByEndOf({ uid, waiting }: Member): string[] {
    if (!waiting) return [];
    return waiting === FOREGROUND ? [...(this.#dependents.get(uid) ?? []), uid] : [uid];
  }

  #waitingForDependents(owners: readonly OwnerReference[]): string[] {
    return owners.map(({ uid }) => uid).filter((uid) => this.#members.get(uid)?.waiting === FOREGROUND);
  }

  #link(owner: string, dependent: string): void {
    const dependents = this.#dependents.get(owner) ?? new Set();
    this.#dependents.set(owner, dependents.add(dependent));
  }

  #unlink({ uid, owners }: Member): void {
    for (const owner of owners) {
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(uid);
      if (dependents?.size === 0) this.#dependents.delete(owner.uid);
    }
  }
}

const blocks = (dependent: Member | undefined, owner: string): boolean =>
  dependent?.owners.some(({ uid, blockOwnerDeletion }) => uid === owner && blockOwnerDeletion) ?? false;

const isNamed = ({ resource, name }: Member, reference: OwnerReference): boolean =>
  name === reference.name && isOfKind(resource, reference);

/** True when the reference is to an object of this kind. */
export const isOfKind = (resource: Resource, { apiVersion, kind }: OwnerReference): boolean =>
  kind === resource.kind && apiVersion === apiVersionOf(resource);
