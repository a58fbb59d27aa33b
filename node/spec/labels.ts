/** Labels and annotations of sandboxes and containers: the kubelet's names, so that crictl and others can read them. */
import type { Container, Pod, PodRef } from '../../pod/types.ts';

/** Which Pod, as the runtime is told. */
export const podRef = ({ metadata }: Pod): PodRef => ({
  namespace: metadata.namespace!,
  name: metadata.name!,
  uid: metadata.uid!,
});

const identity = (pod: PodRef): Record<string, string> => ({
  'io.kubernetes.pod.name': pod.name,
  'io.kubernetes.pod.namespace': pod.namespace,
  'io.kubernetes.pod.uid': pod.uid,
});

export const sandboxLabels = (pod: Pod): Record<string, string> => ({
  ...pod.metadata.labels,
  ...identity(podRef(pod)),
});

export const containerLabels = (pod: Pod, container: Pick<Container, 'name'>): Record<string, string> => ({
  ...identity(podRef(pod)),
  'io.kubernetes.container.name': container.name,
});

export function containerAnnotations(
  pod: Pod,
  container: Pick<Container, 'terminationMessagePath' | 'terminationMessagePolicy'>,
  attempt: number,
): Record<string, string> {
  const grace = pod.spec.terminationGracePeriodSeconds;
  return {
    'io.kubernetes.container.restartCount': String(attempt),
    'io.kubernetes.container.terminationMessagePath': container.terminationMessagePath ?? '',
    'io.kubernetes.container.terminationMessagePolicy': container.terminationMessagePolicy ?? 'File',
    ...(grace !== undefined && { 'io.kubernetes.pod.terminationGracePeriod': String(grace) }),
  };
}
