/** Pulling an image, as long as the Pod wants it. */
import type { NodeActivities, PullResult } from '../pod/contract.ts';
import { alive, refusal } from './infrastructure.ts';
import type { NodeContext } from './node-context.ts';

export function pullImage(
  node: NodeContext,
  { image }: Parameters<NodeActivities['pullImage']>[0],
): Promise<PullResult> {
  return alive(async (signal) => {
    const from = performance.now();
    try {
      const imageId = await node.runtime.pullImage(image, undefined, signal);
      const size = (await node.runtime.imageStatus(image))?.sizeBytes ?? 0;
      return { outcome: 'pulled', imageId, ms: Math.round(performance.now() - from), sizeBytes: size };
    } catch (error) {
      if (signal.aborted) throw error;
      const { code, message } = refusal(error);
      const invalid = code === 'InvalidImageName';
      return { outcome: 'failed', reason: invalid ? 'InvalidImageName' : 'ErrImagePull', message, retry: !invalid };
    }
  });
}
