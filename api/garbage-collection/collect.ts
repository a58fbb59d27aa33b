/**
 * Does what there is to do with one object. What it decides on is read from the store, and written to nothing else than
 * what was read: the graph may lag behind, and several processes may do the same.
 */
import type { KubeObject } from '../../pod/types.ts';
import { DELETE, type Mutation, NotFound, type Store } from '../../store/port.ts';
import { mayGo, planDeletion } from '../objects/deletion.ts';
import { FOREGROUND, ORPHAN, released, type Waiting } from '../objects/propagation.ts';
import { resources } from '../registry/index.ts';
import { type Decision, decide, type OwnerState, ownerState, unblocking, withOwners, withoutOwner } from './decide.ts';
import { isOfKind, keyOf, type Member, type OwnerGraph, type OwnerReference } from './graph.ts';
import { reportWrongNamespaces } from './wrong-namespace.ts';

export interface CollectDeps {
  store: Store;
  now(): Date;
}

/** So often an object that others write to as well is looked at again at once. */
const TRIES = 5;

/** Brings one object closer to what its owners, or its own end, ask for. Safe to repeat. */
export async function collect(deps: CollectDeps, graph: OwnerGraph, uid: string): Promise<void> {
  const member = graph.get(uid);
  if (member?.waiting === ORPHAN) {
    for (const dependent of graph.dependentsOf(uid)) {
      await write(deps, dependent, (object) => withoutOwner(object, uid));
    }
    await letGo(deps, member, ORPHAN);
  } else if (member?.waiting === FOREGROUND) {
    if (!graph.isBlocked(uid)) await letGo(deps, member, FOREGROUND);
  } else if (member && !member.isGoing) await settle(deps, graph, member);
}

const letGo = (deps: CollectDeps, member: Member, waiting: Waiting): Promise<void> =>
  write(deps, member, (object) => {
    const rest = released(object, waiting);
    return mayGo(member.resource, rest) ? DELETE : rest;
  });

/** Deletes what has no owner left; makes others forget those owners that are gone. */
async function settle(deps: CollectDeps, graph: OwnerGraph, member: Member): Promise<void> {
  await reportWrongNamespaces(deps, graph, member);
  for (let tries = 0; tries < TRIES; tries++) {
    const object = (await deps.store.get(keyOf(member))) as KubeObject | undefined;
    if (object?.metadata.uid !== member.uid || object.metadata.deletionTimestamp) return;
    const owners = object.metadata.ownerReferences ?? [];
    const states = await Promise.all(owners.map((owner) => stateOf(deps.store, member, owner)));
    const below = graph.dependentsOf(member.uid).map(({ waiting }) => waiting);
    if (await carryOut(deps, member, object, decide(object, states, below))) return;
  }
  throw new Error('others write to it all the time');
}

/** Of an owner of a kind that is not served nothing is known, be it there or not. */
async function stateOf(store: Store, { namespace }: Member, owner: OwnerReference): Promise<OwnerState> {
  const resource = resources.find((served) => isOfKind(served, owner));
  // What is in no namespace cannot say in which one its owner would be.
  if (!resource || (resource.namespaced && !namespace)) return 'unknown';
  const home = resource.namespaced ? namespace : '';
  const found = await store.get({ resource: resource.storage, namespace: home, name: owner.name });
  return ownerState(owner, found as KubeObject | undefined);
}

/** False when somebody else has written to the object since. */
async function carryOut(
  deps: CollectDeps,
  member: Member,
  { metadata }: KubeObject,
  decision: Decision,
): Promise<boolean> {
  if (decision.do === 'nothing') return true;
  let isOvertaken = false;
  await write(deps, member, (object) => {
    isOvertaken = object.metadata.resourceVersion !== metadata.resourceVersion;
    if (isOvertaken) return undefined;
    if (decision.do === 'keep') return withOwners(object, decision.owners);
    const going = decision.unblocking ? unblocking(object) : object;
    return planDeletion(member.resource, going, { propagationPolicy: decision.policy }, deps.now());
  });
  return !isOvertaken;
}

/** Writes to the object itself, not to another of its name; one that is gone needs nothing. */
async function write({ store }: CollectDeps, member: Member, change: (object: KubeObject) => Mutation): Promise<void> {
  const ofItself = (object: KubeObject) => (object.metadata.uid === member.uid ? change(object) : undefined);
  await store
    .update(keyOf(member), (object) => ofItself(object as KubeObject), 'client')
    .catch((error) => {
      if (!(error instanceof NotFound)) throw error;
    });
}
