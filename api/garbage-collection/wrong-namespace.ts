/** Says of an object that it names an owner of another namespace: there it has none, and is treated so. */
import { createHash } from 'node:crypto';
import type { KubeObject } from '../../pod/types.ts';
import { AlreadyExists, type Store } from '../../store/port.ts';
import { apiVersionOf } from '../decode/object.ts';
import { identified } from '../objects/create.ts';
import { timestamp } from '../objects/time.ts';
import { events } from '../registry/index.ts';
import { isWithinReach, type Member, type OwnerGraph, type OwnerReference } from './graph.ts';

const COMPONENT = 'garbage-collector-controller';
/** Where what is in no namespace has its events. */
const DEFAULT_NAMESPACE = 'default';
const MAX_NAME = 200;

interface ReportDeps {
  store: Store;
  now(): Date;
}

/** Writes an event for each such owner, once as long as the event is kept. */
export async function reportWrongNamespaces(
  { store, now }: ReportDeps,
  graph: OwnerGraph,
  member: Member,
): Promise<void> {
  for (const reference of member.owners) {
    const owner = graph.get(reference.uid);
    if (!owner || isWithinReach(owner, member)) continue;
    const event = wrongNamespaceEvent(member, reference, now());
    const { namespace = '', name = '' } = event.metadata;
    await store.create({ resource: events.storage, namespace, name }, event, 'client').catch((error) => {
      if (!(error instanceof AlreadyExists)) throw error;
    });
  }
}

/** Its name follows from who is concerned. */
export function wrongNamespaceEvent(member: Member, owner: OwnerReference, now: Date): KubeObject {
  const { resource, namespace, name, uid } = member;
  const digest = createHash('sha256').update(`${uid} ${owner.uid}`).digest('hex').slice(0, 16);
  const { apiVersion, kind } = owner;
  const named = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${owner.name}, uid: ${owner.uid}]`;
  const time = timestamp(now);
  const event = {
    apiVersion: 'v1',
    kind: events.kind,
    metadata: { name: `${name.slice(0, MAX_NAME)}.${digest}` },
    involvedObject: {
      apiVersion: apiVersionOf(resource),
      kind: resource.kind,
      ...(namespace ? { namespace } : {}),
      name,
      uid,
    },
    type: 'Warning',
    reason: 'OwnerRefInvalidNamespace',
    message: `ownerRef ${named} does not exist in namespace "${namespace}"`,
    count: 1,
    firstTimestamp: time,
    lastTimestamp: time,
    source: { component: COMPONENT },
    reportingComponent: COMPONENT,
    reportingInstance: '',
  };
  return identified(event, true, namespace || DEFAULT_NAMESPACE, now);
}
