/** The control side's activities: local to the workflow's worker, on the store. */
import type { ControlActivities, NodeControlActivities, PodEvent } from '../pod/contract.ts';
import { isHeld } from '../pod/is-held.ts';
import { mountStatuses } from '../pod/mount-status.ts';
import { RESIZE_CONDITIONS } from '../pod/resize.ts';
import type { Pod, PodRef, PodStatus } from '../pod/types.ts';
import { DELETE, type Store } from '../store/port.ts';
import { admitResize, bindPod } from './admission.ts';
import { writeEvent } from './events.ts';
import { NodeClaims } from './node-claims.ts';
import { publishNode } from './node-status.ts';
import { podOf, updatePod } from './stored-pod.ts';

export function controlActivities(store: Store): ControlActivities & NodeControlActivities {
  const claims = new NodeClaims(store);
  return {
    bindPod: (pod) => bindPod(store, claims, pod),
    admitResize: (input) => admitResize(store, claims, input),
    publish: (input) => publish(store, input),
    deletePod: (pod) => deletePod(store, pod),
    publishNode: (input) => publishNode(store, input),
  };
}

async function publish(
  store: Store,
  { pod: ref, status, events }: { pod: PodRef; status?: PodStatus; events: PodEvent[] },
): Promise<{ gone: boolean }> {
  const pod = status
    ? await updatePod(store, ref, (current) => withStatus(current, mountStatuses(current, status)))
    : await podOf(store, ref);
  await Promise.all(events.map((event) => writeEvent(store, ref, event, pod?.spec.nodeName)));
  return { gone: pod === undefined };
}

/**
 * Others' conditions (readiness gates) and what the API wrote (qosClass) stay. So does the end of a Pod whose node is
 * gone: of that its workflow does not know.
 */
function withStatus(pod: Pod, status: PodStatus): Pod {
  const { reason: _reason, message: _message, ...before } = pod.status ?? {};
  const owned = new Set([...RESIZE_CONDITIONS, ...(status.conditions ?? []).map((c) => c.type)]);
  const foreign = (before.conditions ?? []).filter((c) => !owned.has(c.type));
  const phase = isHeld(pod) ? { phase: before.phase } : {};
  return { ...pod, status: { ...before, ...status, ...phase, conditions: [...(status.conditions ?? []), ...foreign] } };
}

async function deletePod(store: Store, ref: PodRef): Promise<{ gone: boolean }> {
  let kept = false;
  await updatePod(store, ref, (pod) => {
    kept = (pod.metadata.finalizers?.length ?? 0) > 0;
    return kept ? undefined : DELETE;
  });
  return { gone: !kept };
}
