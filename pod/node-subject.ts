import type { EventSubject } from './types.ts';

/** Events of a node are in the default namespace, and have its name for a uid, as the kubelet's. */
export const nodeSubject = (name: string): EventSubject => ({ kind: 'Node', namespace: 'default', name, uid: name });
