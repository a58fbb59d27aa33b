/** Giving running containers other resources. Each step may be repeated: the values are set, not added. */
import { containerResources } from '../node/spec/resources.ts';
import type { NodeActivities, ResizeInput, ResizeResult } from '../pod/contract.ts';
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
