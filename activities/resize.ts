/** Giving running containers other resources. Each step may be repeated: the values are set, not added. */
import { containerResources } from '../node/spec/resources.ts';
import type { NodeActivities, ResizeInput, ResizeResult } from '../pod/contract.ts';
import { parseQuantity, wholeValue } from '../pod/quantity.ts';
import type { Pod } from '../pod/types.ts';
import { RuntimeError } from '../runtime/port.ts';
import { containerOf } from './create-container.ts';
import { alive, refusal } from './infrastructure.ts';
import { type NodeContext, runtimeId } from './node-context.ts';

type Resized = ResizeInput['containers'][number];

export function resizeContainers(
  node: NodeContext,
  input: ResizeInput,
): ReturnType<NodeActivities['resizeContainers']> {
  return alive(async () => {
    const pod = await node.api.pod(input.pod);
    if (!pod) return { updated: [], error: 'the Pod is not in the store any more' };
    // All are looked at before the first is changed, so that what cannot be is not half done.
    const problems = (await Promise.all(input.containers.map((c) => memoryProblem(node, c)))).flat();
    if (problems.length > 0) return { updated: [], error: `cannot decrease memory limits: ${problems.join(', ')}` };
    const result: ResizeResult = { updated: [] };
    for (const resized of input.containers) {
      try {
        await resize(node, pod, resized);
        result.updated.push(resized.container);
      } catch (error) {
        result.error ??= `container ${resized.container}: ${refusal(error).message}`;
      }
    }
    return result;
  });
}

/** A container that uses more than its new limit would be killed by the kernel for it. */
async function memoryProblem(node: NodeContext, { container, containerId, ...resized }: Resized): Promise<string[]> {
  const limit = resized.resources.limits?.memory;
  if (limit === undefined || !resized.lowersMemory) return [];
  const id = runtimeId(containerId);
  const usage = (await node.runtime.usage({ id })).get(id)?.memoryBytes;
  if (usage === undefined) {
    return (await hasEnded(node, id)) ? [] : [`the runtime does not say how much memory container "${container}" uses`];
  }
  const bytes = Number(wholeValue(parseQuantity(limit)));
  if (usage < bytes) return [];
  return [`attempting to set container "${container}" memory limit (${bytes}) below current usage (${usage})`];
}

async function resize(node: NodeContext, pod: Pod, { container, containerId, resources }: Resized): Promise<void> {
  const id = runtimeId(containerId);
  const values = containerResources(pod, { ...containerOf(pod, container), resources }, node);
  try {
    await node.runtime.updateResources(id, values);
  } catch (error) {
    if (!(await hasEnded(node, id))) throw error;
  }
}

/** Its next attempt starts with what it is to have. */
async function hasEnded({ runtime }: NodeContext, id: string): Promise<boolean> {
  try {
    return (await runtime.containerStatus(id)).state === 'exited';
  } catch (error) {
    if (error instanceof RuntimeError && error.code === 'NotFound') return true;
    throw error;
  }
}
