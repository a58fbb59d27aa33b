/** Events for `kubectl describe`: the same thing said again counts up, as with the kubelet's recorder. */
import { createHash } from 'node:crypto';
import type { PodEvent } from '../pod/contract.ts';
import { kubeTime } from '../pod/time.ts';
import type { Event, PodRef } from '../pod/types.ts';
import { AlreadyExists, type Key, NotFound, type Store, type StoredObject } from '../store/port.ts';

const MAX_MESSAGE = 1024;
const MAX_POD_NAME = 200;

/** Writes one occurrence. Its name follows from the Pod and the event, so a repeated write changes nothing. */
export async function writeEvent(store: Store, pod: PodRef, event: PodEvent, host = ''): Promise<void> {
  const object = eventObject(pod, event, host) as unknown as StoredObject;
  const key: Key = { resource: 'events', namespace: pod.namespace, name: object.metadata.name ?? '' };
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
export function eventObject(pod: PodRef, event: PodEvent, host: string): Event {
  const { type, reason, at, firstAt, sequence, count, container } = event;
  const fieldPath = container && `spec.${container.list}{${container.name}}`;
  const component = reason === 'Scheduled' || reason === 'FailedScheduling' ? 'durapod-scheduler' : 'durapod';
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: eventName(pod, firstAt, sequence),
      namespace: pod.namespace,
      uid: uuidOf(`${pod.uid} ${firstAt} ${sequence}`),
      creationTimestamp: kubeTime(firstAt),
    },
    involvedObject: {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: pod.namespace,
      name: pod.name,
      uid: pod.uid,
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
function eventName(pod: PodRef, firstAt: string, sequence: number): string {
  const time = Date.parse(firstAt).toString(16).padStart(12, '0');
  return `${pod.name.slice(0, MAX_POD_NAME)}.${time}${sequence.toString(16).padStart(4, '0')}`;
}

/** A UUID (version 8: of our own making) that always comes out the same for a text. */
function uuidOf(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
