/** A resize to more than the Pod's node has at all is refused at once, as upstream's admission plugin PodResizeValidator does. */
import { amountsOf, requestsOf, shortages } from '../../pod/requests.ts';
import type { KubeObject, Node, Pod } from '../../pod/types.ts';
import type { Store } from '../../store/port.ts';
import { forbidden } from '../errors.ts';

const PODS = { group: '', plural: 'pods', kind: 'Pod' };
const COUNTED = ['cpu', 'memory'];

/** Looks at the nodes; what comes of it throws 403 for a Pod that is resized beyond its own. */
export async function admitPodResize(
  store: Pick<Store, 'list'>,
): Promise<(next: KubeObject, old: KubeObject) => KubeObject> {
  const nodes = (await store.list('nodes')).items as unknown as Node[];
  return (next, old) => {
    const { status: _, ...pod } = next as Pod;
    const { nodeName } = pod.spec;
    if (!nodeName || next.metadata.generation === old.metadata.generation) return next;
    const refuse = (why: string, reason: string) =>
      forbidden(PODS, pod.metadata.name ?? '', why, [{ reason, message: why }]);
    const node = nodes.find(({ metadata }) => metadata.name === nodeName);
    if (!node) throw refuse(`node "${nodeName}" not found`, 'NodeNotFound');
    const { allocatable } = node.status ?? {};
    if (!allocatable) return next;
    const lacks = shortages(requestsOf(pod), {}, amountsOf(allocatable))
      .filter(({ resource }) => COUNTED.includes(resource))
      .map(({ resource, requested, capacity }) => `${resource}, requested: ${requested}, allocatable: ${capacity}`);
    if (lacks.length === 0) return next;
    throw refuse(`node didn't have enough allocatable resources: ${lacks.join('; ')}`, 'NodeCapacity');
  };
}
