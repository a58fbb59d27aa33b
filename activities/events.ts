/** Events for `kubectl describe`: the same thing said again counts up, as with the kubelet's recorder. */
import { createHash } from 'node:crypto';
import type { PodEvent } from '../pod/contract.ts';
import { kubeTime } from '../pod/time.ts';
import type { Event, EventSubject } from '../pod/types.ts';
import { AlreadyExists, type Key, NotFound, type Store, type StoredObject } from '../store/port.ts';

const MAX_MESSAGE = 1024;
const MAX_POD_NAME = 200;

/** Writes one occurrence. Its name follows from the Pod and the event, so a repeated write changes nothing. */
export async function writeEvent(store: Store, about: EventSubject, event: PodEvent, host = ''): Promise<void> {
  const object = eventObject(about, event, host) as unknown as StoredObject;
  const key: Key = { resource: 'events', namespace: about.namespace, name: object.metadata.name ?? '' };
  const counted = (current: StoredObject): StoredObject | undefined =>
    (current.count ?? 0) >= event.count
      ? undefined
      : { ...current, message: object.message, count: object.count, lastTimestamp: object.lastTimestamp };
  try {
    if (event.count === 1) await store.create(key, object, 'workflow');
    else await store.update(key, counted, 'workflow');
  } catch (error) {
    // Events expire; one that is said again after that is new.
    if (error instanceof NotFound) await store.create(key, object, 'workflow');
    else if (!(error instanceof AlreadyExists)) throw error;
  }
}

/** One occurrence as the API shows it. `host` is the node that it happened on. */
export function eventObject(about: EventSubject, event: PodEvent, host: string): Event {
  const { type, reason, at, firstAt, sequence, count, container } = event;
  const fieldPath = container && `spec.${container.list}{${container.name}}`;
  const component = reason === 'Scheduled' || reason === 'FailedScheduling' ? 'durapod-scheduler' : 'durapod';
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: eventName(about, firstAt, sequence),
      namespace: about.namespace,
      uid: uuidOf(`${about.uid} ${firstAt} ${sequence}`),
      creationTimestamp: kubeTime(firstAt),
    },
    involvedObject: {
      apiVersion: 'v1',
      kind: about.kind ?? 'Pod',
      // A node has no namespace; events of it are in one all the same.
      ...(about.kind !== 'Node' && { namespace: about.namespace }),
      name: about.name,
      uid: about.uid,
      ...(fieldPath && { fieldPath }),
    },
    type,
    reason,
    message: event.message.slice(0, MAX_MESSAGE),
    count,
    firstTimestamp: kubeTime(firstAt),
    lastTimestamp: kubeTime(at),
    source: { component, ...(host && { host }) },
    reportingComponent: component,
    reportingInstance: host,
  } as unknown as Event;
}

/** `<pod>.<hexadecimal time and sequence>`: listed by name, events come in their order. */
function eventName(about: EventSubject, firstAt: string, sequence: number): string {
  const time = Date.parse(firstAt).toString(16).padStart(12, '0');
  return `${about.name.slice(0, MAX_POD_NAME)}.${time}${sequence.toString(16).padStart(4, '0')}`;
}

/** A UUID (version 8: of our own making) that always comes out the same for a text. */
function uuidOf(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
