/** Events for `kubectl describe`: the same thing said again counts up, as with the kubelet's recorder. */
import { createHash } from 'node:crypto';
import type { PodEvent } from '../pod/contract.ts';
import { kubeTime } from '../pod/time.ts';
import type { Event, PodRef } from '../pod/types.ts';
import { AlreadyExists, type Key, type Store, type StoredObject } from '../store/port.ts';

const MAX_MESSAGE = 1024;

/** Writes one occurrence; written twice (an activity that was repeated) it counts once. */
export async function writeEvent(store: Store, pod: PodRef, event: PodEvent, host = ''): Promise<void> {
  const fresh = newEvent(pod, event, host);
  const key: Key = { resource: 'events', namespace: pod.namespace, name: fresh.metadata.name ?? '' };
  try {
    await store.create(key, fresh as unknown as StoredObject, 'workflow');
  } catch (error) {
    if (!(error instanceof AlreadyExists)) throw error;
    const count = (current: StoredObject): StoredObject | undefined =>
      current.metadata.annotations?.[LAST] >= event.at
        ? undefined
        : {
            ...current,
            metadata: { ...current.metadata, annotations: { [LAST]: event.at } },
            count: (current.count ?? 1) + 1,
            lastTimestamp: kubeTime(event.at),
          };
    await store.update(key, count, 'workflow');
  }
}

/** When the newest occurrence was, to the millisecond. */
const LAST = 'durapod.io/last-occurrence';

function newEvent(pod: PodRef, event: PodEvent, host: string): Event {
  const { type, reason, at, container } = event;
  const message = event.message.slice(0, MAX_MESSAGE);
  const fieldPath = container && `spec.${container.list}{${container.name}}`;
  const hash = createHash('sha256')
    .update(JSON.stringify([pod.uid, type, reason, message, fieldPath]))
    .digest('hex');
  const component = reason === 'Scheduled' || reason === 'FailedScheduling' ? 'durapod-scheduler' : 'durapod';
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${pod.name.slice(0, 200)}.${hash.slice(0, 16)}`,
      namespace: pod.namespace,
      uid: `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`,
      creationTimestamp: kubeTime(at),
      annotations: { [LAST]: at },
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
    message,
    count: 1,
    firstTimestamp: kubeTime(at),
    lastTimestamp: kubeTime(at),
    source: { component, ...(host && { host }) },
    reportingComponent: component,
    reportingInstance: host,
  } as unknown as Event;
}
