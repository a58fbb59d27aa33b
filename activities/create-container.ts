/** Making a container of a Pod, not starting it. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/activity';
import { buildContainerSpec } from '../node/spec/container.ts';
import { ContainerConfigError } from '../node/spec/errors.ts';
import type { StartInput, StartResult } from '../pod/contract.ts';
import type { Container, Pod } from '../pod/types.ts';
import type { ContainerSpec, Image } from '../runtime/port.ts';
import type { Made, Plan } from './containers-ahead.ts';
import { refusal } from './infrastructure.ts';
import type { NodeContext } from './node-context.ts';
import { sandboxSpec } from './sandbox-spec.ts';
import { targetContainerId } from './target-container.ts';

/** Which container is to be made, and where. */
export interface CreateInput
  extends Pick<StartInput, 'pod' | 'container' | 'image' | 'attempt' | 'sandboxAttempt' | 'resources'> {
  sandboxId: string;
  podIPs: string[];
}

export type NotMade = Exclude<StartResult, { outcome: 'started' | 'start-error' }>;

export async function planContainer(node: NodeContext, input: CreateInput, pod: Pod): Promise<Plan | NotMade> {
  const image = await node.runtime.imageStatus(input.image).catch((error) => {
    const { code, message } = refusal(error);
    return failed(
      code === 'InvalidImageName' ? 'InvalidImageName' : 'ImageInspectError',
      message,
      code !== 'InvalidImageName',
    );
  });
  if (!image) return { outcome: 'image-missing' };
  if ('outcome' in image) return image;
  try {
    return { spec: await specOf(node, input, pod, image), imageId: image.repoDigests[0] ?? image.id };
  } catch (error) {
    if (!(error instanceof ContainerConfigError)) throw error;
    return failed(error.reason, error.message, true);
  }
}

export async function createContainer(
  node: NodeContext,
  input: CreateInput,
  pod: Pod,
  { spec, imageId }: Plan,
): Promise<Made | NotMade> {
  try {
    await mkdir(join(node.dirs.podLogs(input.pod), input.container), { recursive: true, mode: 0o755 });
    const sandbox = sandboxSpec(node, pod, input.sandboxAttempt);
    return { id: await node.runtime.createContainer(input.sandboxId, spec, sandbox), imageId };
  } catch (error) {
    const { code, message } = refusal(error);
    // Its name is taken by a try of before that is not to be seen yet.
    if (code === 'AlreadyExists') throw ApplicationFailure.retryable(message);
    return failed('CreateContainerError', message, true);
  }
}

async function specOf(node: NodeContext, input: CreateInput, pod: Pod, image: Image): Promise<ContainerSpec> {
  const { dirs, name: nodeName, hostIPs, allocatable, restrictOom, api, runtime } = node;
  const { attempt, podIPs } = input;
  const resources = input.resources && { resources: input.resources };
  const container = { ...containerOf(pod, input.container), image: input.image, ...resources };
  const context = {
    attempt,
    podIPs,
    dirs,
    nodeName,
    hostIPs,
    allocatable,
    restrictOom,
    image,
    targetContainerId: await targetContainerId(runtime, pod, container),
    read: api.read,
    list: api.list,
  };
  return buildContainerSpec(pod, container, context);
}

export function containerOf(pod: Pod, name: string): Container {
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  const found = [...initContainers, ...containers, ...(ephemeralContainers as Container[])].find(
    (c) => c.name === name,
  );
  if (!found) throw ApplicationFailure.nonRetryable(`the Pod has no container ${name}`, 'NotFound');
  return found;
}

export function failed(reason: string, message: string, retry: boolean) {
  return { outcome: 'failed' as const, reason, message, retry };
}
