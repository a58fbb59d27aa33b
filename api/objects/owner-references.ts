/** Owners that a client names twice: upstream takes the second one as a slip. */
import type { KubeObject } from '../../pod/types.ts';
import { equal } from './equal.ts';

/** The object with each of its owners once; of those that were there again the client is warned. */
export function withOwnersOnce(object: KubeObject, warn: (message: string) => void): KubeObject {
  const owners = object.metadata.ownerReferences ?? [];
  const again = owners.filter((owner, i) => owners.slice(0, i).some((earlier) => equal(earlier, owner)));
  if (again.length === 0) return object;
  const uids = new Set(again.map(({ uid }) => uid));
  warn(`.metadata.ownerReferences names owners twice, which are kept once: duplicate UID(s): ${[...uids].join(', ')}`);
  const once = owners.filter((owner) => !again.includes(owner));
  return { ...object, metadata: { ...object.metadata, ownerReferences: once } };
}
