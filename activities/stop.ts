/** Ending a container: its stop signal, and SIGKILL at the deadline. What has ended already is success. */
import { atMost } from '../node/at-most.ts';
import { describeExit } from '../node/exit-describer.ts';
import type { NodeActivities } from '../pod/contract.ts';
import type { Exit } from '../pod/record.ts';
import { RuntimeError } from '../runtime/port.ts';
import { alive } from './infrastructure.ts';
import { type NodeContext, runtimeId } from './node-context.ts';

/** The end is reported within milliseconds; after this the runtime is asked. */
const REPORT_MS = 5_000;

export function stopContainer(
  node: NodeContext,
  { containerId, deadline }: Parameters<NodeActivities['stopContainer']>[0],
): Promise<Exit> {
  return alive(async () => {
    const id = runtimeId(containerId);
    node.prober.terminate(id);
    const end = new AbortController();
    const graceSeconds = Math.max(0, Math.ceil((Date.parse(deadline) - Date.now()) / 1000));
    const exit = node.exits.claim(id, graceSeconds * 1000 + 60_000, end.signal);
    try {
      await node.runtime.stopContainer(id, graceSeconds);
      const known = await atMost(REPORT_MS, exit);
      return known ?? node.exits.known(id) ?? (await askRuntime(node, id));
    } finally {
      end.abort();
      node.prober.forget(id);
    }
  });
}

async function askRuntime(node: NodeContext, id: string): Promise<Exit> {
  try {
    const status = await node.runtime.containerStatus(id);
    return await (status.state === 'exited' ? node.exits.endOf(status) : describeExit(status, node.dirs));
  } catch (error) {
    if (!(error instanceof RuntimeError && error.code === 'NotFound')) throw error;
    const message = 'The container was gone when it was to be ended';
    return { exitCode: 137, reason: 'ContainerStatusUnknown', message, finishedAt: new Date().toISOString() };
  }
}
