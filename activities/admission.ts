/** Room on nodes: a Pod gets its node, or more of it, only when it fits beside the others. */
import type { Binding, ControlActivities } from '../pod/contract.ts';
import { amountsOf, notEnough, requestsOf, shortages } from '../pod/requests.ts';
import type { Allocation, Refusal } from '../pod/resize.ts';
import { chooseNode } from '../pod/schedule.ts';
import type { Node, Pod, PodRef } from '../pod/types.ts';
import type { Store } from '../store/port.ts';
import type { NodeClaims } from './node-claims.ts';
import { podOf, updatePod } from './stored-pod.ts';

export function bindPod(store: Store, claims: NodeClaims, ref: PodRef): ReturnType<ControlActivities['bindPod']> {
  return claims.exclusively(async () => {
    const pod = await podOf(store, ref);
    if (!pod) return { gone: true };
    const nodes = (await store.list('nodes')).items as unknown as Node[];
    const choice = chooseNode(pod, nodes, (node) => claims.takenOn(node, ref.uid));
    if ('unschedulable' in choice) return choice;
    const nodeName = choice.node.metadata.name ?? '';
    const bound = await updatePod(store, ref, (current) => ({ ...current, spec: { ...current.spec, nodeName } }));
    if (!bound) return { gone: true };
    const hostIPs = (choice.node.status?.addresses ?? []).filter((a) => a.type === 'InternalIP').map((a) => a.address);
    const binding: Binding = { nodeName, hostIP: hostIPs[0] ?? '', hostIPs };
    if (choice.rejection) return { binding, rejection: choice.rejection };
    claims.take(bound);
    return { binding };
  });
}

export function admitResize(
  store: Store,
  claims: NodeClaims,
  { pod: ref, nodeName, wanted }: Parameters<ControlActivities['admitResize']>[0],
): ReturnType<ControlActivities['admitResize']> {
  return claims.exclusively(async () => {
    const stored = await podOf(store, ref);
    if (!stored) return { gone: true };
    const pod = withResources(stored, wanted);
    const node = (await store.get({ resource: 'nodes', namespace: '', name: nodeName })) as Node | undefined;
    const { allocatable } = node?.status ?? {};
    if (allocatable) {
      const refusal = refusalOf(pod, claims, nodeName, allocatable);
      if (refusal) return { refusal };
    }
    claims.take(pod);
    return { granted: true };
  });
}

function refusalOf(
  pod: Pod,
  claims: NodeClaims,
  nodeName: string,
  allocatable: Record<string, string>,
): Refusal | undefined {
  const requested = requestsOf(pod);
  const capacity = amountsOf(allocatable);
  const [never] = shortages(requested, {}, capacity);
  if (never) return { reason: 'Infeasible', message: notEnough('capacity', never) };
  const { amounts } = claims.takenOn(nodeName, pod.metadata.uid ?? '');
  const [lack] = shortages(requested, amounts, capacity);
  return lack && { reason: 'Deferred', message: notEnough('resource', lack) };
}

/** The Pod as it would be if its resize was granted. */
function withResources({ status, ...pod }: Pod, wanted: Allocation): Pod {
  const given = <T extends Pod['spec']['containers']>(list: T) =>
    list.map((c) => ({ ...c, resources: wanted[c.name] ?? c.resources }));
  const { containers, initContainers = [] } = pod.spec;
  return { ...pod, spec: { ...pod.spec, containers: given(containers), initContainers: given(initContainers) } };
}
