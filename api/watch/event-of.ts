/** What a change of the log is to a watch that selects some objects. */
import type { Change, ChangeType, StoredObject } from '../../store/port.ts';
import type { Selection } from '../decode/selection.ts';

export interface WatchEvent {
  type: ChangeType;
  object: StoredObject;
}

/** Undefined when the watch need not know. An object that begins or ceases to be selected comes and goes. */
export function eventOf({ type, object, previous }: Change, { all, matches }: Selection): WatchEvent | undefined {
  if (all) return { type, object };
  const is = matches(object);
  if (type !== 'MODIFIED') return is ? { type, object } : undefined;
  const was = previous !== undefined && matches(previous);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object };
  if (!was) return undefined;
  // The last state that was selected, at the revision at which it ceased to be.
  const { resourceVersion } = object.metadata;
  return { type: 'DELETED', object: { ...previous, metadata: { ...previous.metadata, resourceVersion } } };
}
