/** Pod sandboxes: what holds a Pod's network and outlives its containers. */
import type { Runtime } from '../port.ts';
import { type CriClient, DEADLINES } from './client.ts';
import { givenUpIsFailed, goneIsDone } from './errors.ts';
import { toSandbox } from './from-cri.ts';
import type { SandboxMessage } from './messages.ts';
import { listFilter, sandboxConfig } from './to-cri.ts';

type Sandboxes = Pick<Runtime, 'runSandbox' | 'sandboxStatus' | 'listSandboxes' | 'stopSandbox' | 'removeSandbox'>;

export function sandboxes(client: CriClient): Sandboxes {
  const options = { deadlineMs: DEADLINES.sandbox };

  const sandboxStatus: Sandboxes['sandboxStatus'] = async (id) => {
    const request = { podSandboxId: id };
    const { status } = await client.call<{ status: SandboxMessage }>('runtime', 'PodSandboxStatus', request);
    return toSandbox(status);
  };

  return {
    sandboxStatus,

    async runSandbox(spec) {
      const request = { config: sandboxConfig(spec), runtimeHandler: spec.runtimeHandler };
      const call = client.call<{ podSandboxId: string }>('runtime', 'RunPodSandbox', request, options);
      const { podSandboxId } = await givenUpIsFailed(call);
      return sandboxStatus(podSandboxId);
    },

    async listSandboxes(filter) {
      const { sandboxId, ...rest } = filter;
      const request = listFilter({ ...rest, ...(sandboxId && { id: sandboxId }) });
      const { items } = await client.call<{ items: SandboxMessage[] }>('runtime', 'ListPodSandbox', request);
      return items.map(toSandbox);
    },

    async stopSandbox(id) {
      await goneIsDone(client.call('runtime', 'StopPodSandbox', { podSandboxId: id }, options));
    },

    async removeSandbox(id) {
      await goneIsDone(client.call('runtime', 'RemovePodSandbox', { podSandboxId: id }, options));
    },
  };
}
