/** Pulling an image, as long as the Pod wants it. */
import { BadPullSecret } from '../node/pull/docker-config.ts';
import { type PullContext, pullImage as pullWithSecrets } from '../node/pull/pull.ts';
import type { NodeActivities, PullResult } from '../pod/contract.ts';
import { alive, refusal } from './infrastructure.ts';
import type { NodeContext } from './node-context.ts';

export function pullImage(
  node: NodeContext,
  { pod: ref, image }: Parameters<NodeActivities['pullImage']>[0],
): Promise<PullResult> {
  const { runtime, api, events } = node;
  return alive(async (signal) => {
    const from = performance.now();
    const pod = await api.pod(ref);
    if (!pod) return failed('ErrImagePull', 'the Pod is not in the store any more', false);
    try {
      const context: PullContext = { runtime, read: api.read, record: (about, event) => events.record(about, event) };
      const imageId = await pullWithSecrets(context, pod, image, signal);
      const size = (await runtime.imageStatus(image))?.sizeBytes ?? 0;
      return { outcome: 'pulled', imageId, ms: Math.round(performance.now() - from), sizeBytes: size };
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof BadPullSecret) return failed('ErrImagePull', error.message, true);
      const { code, message } = refusal(error);
      return code === 'InvalidImageName' ? failed(code, message, false) : failed('ErrImagePull', message, true);
    }
  });
}

function failed(reason: string, message: string, retry: boolean): PullResult {
  return { outcome: 'failed', reason, message, retry };
}
