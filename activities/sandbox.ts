/** Sandboxes: one a Pod and attempt, found again when it is there. */
import { mkdir, rm } from 'node:fs/promises';
import { Context } from '@temporalio/activity';
import { podDns } from '../node/spec/dns.ts';
import { SandboxConfigError } from '../node/spec/errors.ts';
import { VolumeError } from '../node/volumes/errors.ts';
import { teardownVolumes } from '../node/volumes/teardown.ts';
import type { NodeActivities, SandboxResult } from '../pod/contract.ts';
import type { Pod, PodRef } from '../pod/types.ts';
import type { RuntimeError, Sandbox } from '../runtime/port.ts';
import { alive, refusal } from './infrastructure.ts';
import { makeNext } from './make-ahead.ts';
import type { NodeContext } from './node-context.ts';
import { sandboxSpec } from './sandbox-spec.ts';
import { SANDBOX } from './turns.ts';

/** Then what the runtime refuses to remove is left to housekeeping. */
const REMOVAL_TRIES = 5;

type SandboxActivities = Pick<NodeActivities, 'runSandbox' | 'stopSandbox' | 'removePod'>;

export function sandboxActivities(node: NodeContext): SandboxActivities {
  return {
    runSandbox: (input) => alive(() => node.turns.take(input.pod.uid, SANDBOX, () => runSandbox(node, input))),
    stopSandbox: ({ pod }) => alive(() => stopSandboxes(node, pod)),
    removePod: ({ pod }) => alive(() => removeOrLeave(node, pod)),
  };
}

async function runSandbox(
  node: NodeContext,
  { pod: ref, attempt }: { pod: PodRef; attempt: number },
): Promise<SandboxResult> {
  const { runtime } = node;
  const pod = await node.api.pod(ref);
  if (!pod) return failed('FailedCreatePodSandBox', 'the Pod is not in the store any more');
  const found = Context.current().info.attempt > 1 || attempt > 0 ? await findAttempt(node, ref, attempt) : undefined;
  try {
    // The try that made it may have been cut off before its volumes were there.
    if (found) return ready(pod, node, await withVolumes(node, pod, Promise.resolve(found)));
    await requireGroupsPolicy(node, pod);
    const spec = sandboxSpec(node, pod, attempt, await runtimeHandler(node, pod));
    warnOfDns(node, pod, ref);
    await mkdir(node.dirs.podLogs(ref), { recursive: true, mode: 0o755 });
    const result = ready(pod, node, await withVolumes(node, pod, runtime.runSandbox(spec)));
    makeNext(node, pod, { pod: ref, sandboxId: result.sandboxId, sandboxAttempt: attempt, podIPs: result.ips });
    return result;
  } catch (error) {
    if (error instanceof SandboxConfigError && error.final) {
      return { outcome: 'rejected', reason: error.reason, message: error.message };
    }
    if (error instanceof VolumeError) return failed('FailedMount', error.message);
    const { message } = error instanceof SandboxConfigError ? error : refusal(error);
    return failed('FailedCreatePodSandBox', `Failed to create pod sandbox: ${message}`);
  }
}

/** The sandbox of this attempt, where an earlier try made it. Others are stopped; those that nothing needs any more go. */
async function findAttempt(node: NodeContext, ref: PodRef, attempt: number): Promise<Sandbox | undefined> {
  const { runtime } = node;
  for (const sandbox of await runtime.listSandboxes({ podUid: ref.uid })) {
    if (sandbox.attempt === attempt && sandbox.ready) return runtime.sandboxStatus(sandbox.id);
    // Dead containers of the attempt before keep their logs; older ones, and a sandbox half made, go.
    await stopSandbox(node, sandbox);
    if (sandbox.attempt === attempt) await runtime.removeSandbox(sandbox.id);
    // What the runtime refuses is left to housekeeping: this attempt does not need its name.
    else if (sandbox.attempt !== attempt - 1) await runtime.removeSandbox(sandbox.id).catch(refusal);
  }
  return undefined;
}

/** Sets volumes up while the sandbox is made; without them it is taken down again, for the next try to start afresh. */
async function withVolumes(node: NodeContext, pod: Pod, making: Promise<Sandbox>): Promise<Sandbox> {
  const [volumes, sandbox] = await Promise.allSettled([node.volumes.prepare(pod), making]);
  if (volumes.status === 'rejected') {
    if (sandbox.status === 'fulfilled') {
      await stopSandbox(node, sandbox.value);
      await node.runtime.removeSandbox(sandbox.value.id);
    }
    throw volumes.reason;
  }
  if (sandbox.status === 'rejected') throw sandbox.reason;
  return sandbox.value;
}

/** The handler that the Pod's RuntimeClass names; one that the runtime does not have fails the sandbox with its name. */
async function runtimeHandler({ api }: NodeContext, { spec }: Pod): Promise<string | undefined> {
  if (!spec.runtimeClassName) return undefined;
  const found = await api.read('runtimeclasses.node.k8s.io', '', spec.runtimeClassName);
  if (!found)
    throw new SandboxConfigError('FailedCreatePodSandBox', `RuntimeClass "${spec.runtimeClassName}" not found`);
  return found.handler as string;
}

/** A runtime that does not know the policy would give strict Pods the groups of their image all the same. */
async function requireGroupsPolicy({ runtime }: NodeContext, { spec }: Pod): Promise<void> {
  if (spec.securityContext?.supplementalGroupsPolicy !== 'Strict') return;
  if ((await runtime.info()).supplementalGroupsPolicy) return;
  throw new SandboxConfigError(
    'SupplementalGroupsPolicyNotSupported',
    'SupplementalGroupsPolicy=Strict is not supported in this node; use Merge, or containerd 2.0 or newer',
  );
}

/** As the kubelet tells of it: each time that the sandbox is asked for. */
function warnOfDns({ events, resolvConf }: NodeContext, pod: Pod, ref: PodRef): void {
  for (const message of podDns(pod, resolvConf).warnings)
    events.record(ref, { type: 'Warning', reason: 'DNSConfigForming', message });
}

function ready(pod: Pod, node: NodeContext, { id, ips }: Sandbox) {
  node.volumes.watch(pod);
  return { outcome: 'ready' as const, sandboxId: id, ips: pod.spec.hostNetwork ? node.hostIPs : ips };
}

function failed(reason: string, message: string): SandboxResult {
  return { outcome: 'failed', reason, message };
}

async function stopSandbox(node: NodeContext, sandbox: Sandbox): Promise<void> {
  node.exits.expectSandboxEnd(sandbox.id);
  await node.runtime.stopSandbox(sandbox.id);
}

async function stopSandboxes(node: NodeContext, pod: PodRef): Promise<void> {
  node.turns.forget(pod.uid);
  await node.ahead.forget(pod.uid);
  for (const sandbox of await node.runtime.listSandboxes({ podUid: pod.uid })) await stopSandbox(node, sandbox);
}

/** What a container did to its files may keep the runtime from removing them for ever; its Pod does not wait for that. */
async function removeOrLeave(node: NodeContext, pod: PodRef): Promise<void> {
  const refused = await removePod(node, pod);
  if (refused && Context.current().info.attempt < REMOVAL_TRIES) throw refused;
}

/**
 * Removes everything of the Pod: sandboxes, containers, volumes, logs. Safe to repeat. Resolves with why the runtime
 * refuses to remove what it has stopped; then the logs stay, by which housekeeping finds it again.
 */
export async function removePod(node: NodeContext, pod: PodRef): Promise<RuntimeError | undefined> {
  const { runtime } = node;
  node.prober.forgetPod(pod.uid);
  await node.volumes.forget(pod.uid);
  node.turns.forget(pod.uid);
  await node.ahead.forget(pod.uid);
  let refused: RuntimeError | undefined;
  const tryTo = (removal: Promise<void>) =>
    removal.catch((error) => {
      refused ??= refusal(error);
    });
  for (const sandbox of await runtime.listSandboxes({ podUid: pod.uid })) {
    await stopSandbox(node, sandbox);
    await tryTo(runtime.removeSandbox(sandbox.id));
  }
  for (const { id } of await runtime.listContainers({ podUid: pod.uid })) {
    await runtime.stopContainer(id, 0);
    await tryTo(runtime.removeContainer(id));
  }
  await teardownVolumes(pod.uid, node.dirs);
  if (!refused) await rm(node.dirs.podLogs(pod), { recursive: true, force: true });
  return refused;
}
