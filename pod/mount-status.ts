/** What a Pod's status says of the mounts of its containers. Pure. */
import type { Container, ContainerStatus, Pod, PodStatus } from './types.ts';

const STATUSES = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'] as const;

/**
 * The status with each container's mounts: they follow from the Pod's spec alone, so that its workflow does not carry
 * them. What is mounted below a read-only mount stays writable (KEP-3857: `Disabled`).
 */
export function mountStatuses({ spec }: Pod, status: PodStatus): PodStatus {
  const { initContainers = [], containers, ephemeralContainers = [] } = spec;
  const all: Pick<Container, 'name' | 'volumeMounts'>[] = [...initContainers, ...containers, ...ephemeralContainers];
  const withMounts = (shown: ContainerStatus): ContainerStatus => {
    const mounts = all.find(({ name }) => name === shown.name)?.volumeMounts;
    if (!mounts?.length) return shown;
    const volumeMounts = mounts.map(({ name, mountPath, readOnly }) => ({
      name,
      mountPath,
      ...(readOnly && { readOnly, recursiveReadOnly: 'Disabled' }),
    }));
    return { ...shown, volumeMounts };
  };
  const shown = STATUSES.flatMap((key) => (status[key] ? [[key, status[key].map(withMounts)]] : []));
  return { ...status, ...Object.fromEntries(shown) };
}
