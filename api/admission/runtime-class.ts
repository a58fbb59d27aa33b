/** https://kubernetes.io/docs/concepts/containers/runtime-class/: a Pod takes over what its RuntimeClass says. */
import type { KubeObject } from '../../pod/types.ts';
import type { Store } from '../../store/port.ts';
import { type ApiError, forbidden } from '../errors.ts';

const KEY = { resource: 'runtimeclasses.node.k8s.io', namespace: '' };
const PODS = { group: '', plural: 'pods', kind: 'Pod' };

/** The Pod with the overhead, node selector and tolerations of its class. Throws 403 when there is no such class. */
export async function admitRuntimeClass(pod: KubeObject, store: Pick<Store, 'get'>): Promise<KubeObject> {
  const { runtimeClassName, overhead } = pod.spec;
  const refuse = (why: string): ApiError => forbidden(PODS, pod.metadata.name ?? '', `pod rejected: ${why}`);
  if (!runtimeClassName) {
    if (overhead) throw refuse('spec.overhead is set by a RuntimeClass; set spec.runtimeClassName or remove it');
    return pod;
  }
  const found = (await store.get({ ...KEY, name: runtimeClassName })) as KubeObject | undefined;
  if (!found) throw refuse(`RuntimeClass "${runtimeClassName}" not found`);
  const fixed = found.overhead?.podFixed;
  if (overhead && JSON.stringify(overhead) !== JSON.stringify(fixed)) {
    throw refuse(`spec.overhead differs from that of RuntimeClass "${runtimeClassName}"; leave it out`);
  }
  const { nodeSelector = {}, tolerations = [] } = found.scheduling ?? {};
  const clash = Object.keys(nodeSelector).find(
    (key) => (pod.spec.nodeSelector?.[key] ?? nodeSelector[key]) !== nodeSelector[key],
  );
  if (clash) throw refuse(`spec.nodeSelector ${clash} conflicts with RuntimeClass "${runtimeClassName}"`);
  const selector = { ...nodeSelector, ...pod.spec.nodeSelector };
  const all = [...(pod.spec.tolerations ?? []), ...tolerations];
  return {
    ...pod,
    spec: {
      ...pod.spec,
      ...(fixed && { overhead: fixed }),
      ...(Object.keys(selector).length > 0 && { nodeSelector: selector }),
      ...(all.length > 0 && { tolerations: all }),
    },
  };
}
