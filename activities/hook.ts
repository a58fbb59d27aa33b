/** postStart and preStop hooks. */
import { bounded } from '../node/handlers/text.ts';
import { runHook } from '../node/hooks/run.ts';
import type { HookResult, NodeActivities } from '../pod/contract.ts';
import type { Pod } from '../pod/types.ts';
import { containerOf } from './create-container.ts';
import { alive } from './infrastructure.ts';
import { type NodeContext, runtimeId } from './node-context.ts';

/** A hook without a deadline (postStart) may take as long as the activity. */
const MAX_HOOK_MS = 3_600_000;
/** What of a command's output goes into the Pod's timeline and events. */
const MAX_OUTPUT_BYTES = 1024;

/** Runs a hook of a container; once its postStart hook has succeeded it is probed. */
export function hook(
  node: NodeContext,
  { pod: ref, container: name, containerId, podIPs, hook: which, deadline }: Parameters<NodeActivities['runHook']>[0],
): Promise<HookResult> {
  return alive(async (signal) => {
    if (which === 'preStop') node.prober.terminate(runtimeId(containerId));
    const pod = await node.api.pod(ref);
    if (!pod) return { ok: true, message: 'the Pod is not in the store any more' };
    const container = containerOf(pod, name);
    const handler = container.lifecycle?.[which];
    if (!handler) return { ok: true, message: '' };
    const target = {
      containerId: runtimeId(containerId),
      podIP: podIPs[0] ?? '',
      hostIP: node.hostIPs[0],
      hostNetwork: pod.spec.hostNetwork ?? false,
      ports: container.ports ?? [],
      runtime: node.runtime,
    };
    const timeoutMs = deadline ? Date.parse(deadline) - Date.now() : MAX_HOOK_MS;
    if (timeoutMs <= 0) return { ok: false, message: 'the grace period was over before it could be run to its end' };
    const { ok, message, output } = await runHook(handler, target, { timeoutMs, signal });
    // A hook that has run must not run again for this: the next list finds a container that is not probed.
    if (ok && which === 'postStart') await probe(node, pod, name, target.containerId, podIPs).catch(() => undefined);
    return { ok, message, ...(output && { output: bounded(output, MAX_OUTPUT_BYTES) }) };
  });
}

async function probe(node: NodeContext, pod: Pod, name: string, id: string, podIPs: string[]): Promise<void> {
  const { state, attempt, startedAt = '' } = await node.runtime.containerStatus(id);
  if (state === 'running') node.prober.watch(pod, { name, id, attempt, podIPs, startedAt, hooked: true });
}
