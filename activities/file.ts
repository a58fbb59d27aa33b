/** Putting a file into a running container. */
import type { FileInput, FileResult } from '../pod/contract.ts';
import { alive, refusal } from './infrastructure.ts';
import { type NodeContext, runtimeId } from './node-context.ts';

export function createFile(node: NodeContext, input: FileInput): Promise<FileResult> {
  return alive(async () => {
    const content = input.upload
      ? await node.api.upload(input.pod.namespace, input.upload)
      : new TextEncoder().encode(input.content ?? '');
    if (!content)
      return { created: false, reason: 'Expired', message: 'the content of the file was not kept: send it again' };
    try {
      await node.runtime.writeFile(runtimeId(input.containerId), input.path, content, input.mode ?? 0o644);
      return { created: true };
    } catch (error) {
      const { code, message } = refusal(error);
      return { created: false, reason: code === 'NotFound' ? 'ContainerNotRunning' : 'Invalid', message };
    }
  });
}
