/** A container's resources as cgroup values and its oom score, as the kubelet computes them. Pure. */
import { qosClass } from '../../pod/qos.ts';
import { milliValue, parseQuantity, wholeValue } from '../../pod/quantity.ts';
import { effectiveResources } from '../../pod/resources.ts';
import type { Container, Pod } from '../../pod/types.ts';
import type { ContainerResources } from '../../runtime/port.ts';
import type { ContainerContext } from './context.ts';
import { ContainerConfigError } from './errors.ts';

type WithResources = Pick<Container, 'name' | 'resources' | 'restartPolicy'>;

const MIN_SHARES = 2;
const MAX_SHARES = 262_144;
const SHARES_A_CPU = 1024;
const PERIOD_US = 100_000;
const MIN_QUOTA_US = 1000;

const millis = (quantity: string | undefined): number => (quantity ? Number(milliValue(parseQuantity(quantity))) : 0);
const bytes = (quantity: string | undefined): number => (quantity ? Number(wholeValue(parseQuantity(quantity))) : 0);

/** Relative weight; the kernel's least where nothing is asked for. */
const shares = (cpu: number): number =>
  Math.min(MAX_SHARES, Math.max(MIN_SHARES, Math.floor((cpu * SHARES_A_CPU) / 1000)));

/** Never below what the kernel accepts. */
const quota = (cpu: number): number => Math.max(MIN_QUOTA_US, Math.floor((cpu * PERIOD_US) / 1000));

// The score a process gets from the kernel is what it uses of the memory in thousandths, plus this adjustment.
const GUARANTEED_SCORE = -997;
const BEST_EFFORT_SCORE = 1000;

/** What the Pod asks for beyond its containers, an equal part for each (KEP-2837). */
function spareRequest({ spec }: Pod): number {
  const ofPod = bytes(spec.resources?.requests?.memory);
  if (ofPod === 0) return 0;
  const containers = spec.containers.length + (spec.initContainers?.length ?? 0);
  return Math.trunc((ofPod - bytes(effectiveResources(spec, 'requests').memory)) / containers);
}

/**
 * Who is killed first when the node runs out of memory: BestEffort, then Burstable by what they use beyond their
 * requests, Guaranteed and node-critical last. Sidecars (KEP-753) live at least as long as the containers they serve.
 */
function oomScore(pod: Pod, container: WithResources, nodeMemory: number): number {
  if (pod.spec.priorityClassName === 'system-node-critical') return GUARANTEED_SCORE;
  const qos = qosClass(pod.spec);
  if (qos === 'Guaranteed') return GUARANTEED_SCORE;
  if (qos === 'BestEffort') return BEST_EFFORT_SCORE;
  const spare = spareRequest(pod);
  const score = (request: number) => 1000 - Math.trunc((1000 * (request + spare)) / nodeMemory);
  const own = score(bytes(container.resources?.requests?.memory));
  const isSidecar = pod.spec.initContainers?.some((c) => c.name === container.name && c.restartPolicy === 'Always');
  const least = Math.min(...pod.spec.containers.map((c) => bytes(c.resources?.requests?.memory)));
  const adjusted = isSidecar ? Math.min(own, score(least)) : own;
  return Math.min(BEST_EFFORT_SCORE - 1, Math.max(1000 + GUARANTEED_SCORE, adjusted));
}

/** Limits of the Pod stand in for a container's missing ones. Throws ContainerConfigError for kinds without support. */
export function containerResources(
  pod: Pod,
  container: WithResources,
  ctx: Pick<ContainerContext, 'allocatable' | 'restrictOom'>,
): ContainerResources {
  const { limits = {}, requests = {} } = container.resources ?? {};
  const unsupported = Object.keys(limits).find((name) => !['cpu', 'memory', 'ephemeral-storage'].includes(name));
  if (unsupported) {
    throw new ContainerConfigError(
      `container "${container.name}" asks for resource "${unsupported}", which this node does not have; remove it`,
    );
  }
  const cpuLimit = millis(limits.cpu) || millis(pod.spec.resources?.limits?.cpu);
  const memoryLimit = bytes(limits.memory) || bytes(pod.spec.resources?.limits?.memory);
  const score = oomScore(pod, container, bytes(ctx.allocatable.memory));
  return {
    cpuShares: shares(requests.cpu === undefined ? cpuLimit : millis(requests.cpu)),
    cpuPeriodUs: PERIOD_US,
    ...(cpuLimit > 0 && { cpuQuotaUs: quota(cpuLimit) }),
    ...(memoryLimit > 0 && { memoryLimitBytes: memoryLimit }),
    oomScoreAdj: ctx.restrictOom ? Math.max(0, score) : score,
  };
}
