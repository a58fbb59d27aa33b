import type { ContainerStatus, Pod } from '../../pod/types.ts';
import { badRequest } from '../errors.ts';

const WAITING: Record<string, string> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
};

/**
 * Which attempt's log a request means, by the container's published status: `newest` on the node, or the one `before`
 * it. While a container waits to be restarted, the attempt that ended last is both the newest and the previous one.
 * Throws 400 for a container that has nothing to show, in the kubelet's words.
 */
export function chooseAttempt(pod: Pod, container: string, previous: boolean): 'newest' | 'before' {
  const status = statusOf(pod, container);
  const where = `container "${container}" in pod "${pod.metadata.name}"`;
  if (!status) throw badRequest(`${where} is not available`);
  const { waiting, running, terminated } = status.state ?? {};
  const ran = Boolean(status.lastState?.terminated?.containerID);
  if (previous) {
    if (!ran) throw badRequest(`previous terminated ${where} not found`);
    return running || terminated ? 'before' : 'newest';
  }
  if (running || terminated?.containerID || ran) return 'newest';
  if (terminated) throw badRequest(`${where} is terminated`);
  if (!waiting) throw badRequest(`${where} is waiting to start - no logs yet`);
  const reason = waiting.reason ?? '';
  throw badRequest(`${where} is waiting to start: ${WAITING[reason] ?? reason}`);
}

function statusOf({ status }: Pod, container: string): ContainerStatus | undefined {
  return [status?.containerStatuses, status?.initContainerStatuses, status?.ephemeralContainerStatuses]
    .flatMap((statuses) => statuses ?? [])
    .find((one) => one.name === container);
}
