/** Starting containers: what an earlier try of the same attempt started is found, not started again. */
import { existsSync } from 'node:fs';
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { StartInput, StartResult } from '../pod/contract.ts';
import type { Pod } from '../pod/types.ts';
import type { RuntimeContainerStatus } from '../runtime/port.ts';
import type { Made } from './containers-ahead.ts';
import { type CreateInput, failed } from './create-container.ts';
import { alive, refusal } from './infrastructure.ts';
import { makeNext, obtain } from './make-ahead.ts';
import type { NodeContext } from './node-context.ts';
import { SANDBOX } from './turns.ts';

/** A start whose place is known. */
type Start = CreateInput & Pick<StartInput, 'lingerMs'>;

export function startContainer(node: NodeContext, input: StartInput): Promise<StartResult> {
  return alive(() => node.turns.take(input.pod.uid, input.container, () => startInTurn(node, input)));
}

async function startInTurn(node: NodeContext, input: StartInput): Promise<StartResult> {
  const place = await placeOf(node, input);
  if (!place) return { outcome: 'not-yet' };
  const start = { ...input, ...place };
  // Only a repeated activity can find something of its own attempt.
  const found = Context.current().info.attempt > 1 ? await findAttempt(node, start) : undefined;
  if (found) return adopt(node, start, found);
  if (!(await isItsTurn(node, input))) return { outcome: 'not-yet' };
  const again = existsSync(node.dirs.containerLog(input.pod, input.container, input.attempt));
  const pod = await node.api.pod(input.pod);
  if (!pod) return failed('PodGone', 'the Pod is not in the store any more', false);
  const made = await obtain(node, start, pod);
  if ('outcome' in made) return made;
  const result = await run(node, start, pod, made);
  return again && result.outcome === 'started' ? { ...result, again } : result;
}

async function placeOf(node: NodeContext, { pod, sandboxId, podIPs = [] }: StartInput) {
  if (sandboxId !== undefined) return { sandboxId, podIPs };
  const sandbox = await node.turns.after(pod.uid, SANDBOX);
  return sandbox?.outcome === 'ready' ? { sandboxId: sandbox.sandboxId, podIPs: sandbox.ips } : undefined;
}

async function isItsTurn(node: NodeContext, { pod, after }: StartInput): Promise<boolean> {
  if (after === undefined) return true;
  const before = await node.turns.after(pod.uid, after);
  return before?.outcome === 'started' && before.exit?.exitCode === 0;
}

async function findAttempt(node: NodeContext, input: Start): Promise<RuntimeContainerStatus | undefined> {
  const { runtime } = node;
  const containers = await runtime.listContainers({ podUid: input.pod.uid });
  const same = containers.find((c) => c.name === input.container && c.attempt === input.attempt);
  if (!same) return undefined;
  const status = await runtime.containerStatus(same.id);
  const ran = status.state !== 'created' && !node.exits.neverRan(status);
  if (ran && status.sandboxId === input.sandboxId) return status;
  // Its start was cut off before any process ran (a shim may be left of it, with which no second start succeeds), or its
  // sandbox is gone: make it anew.
  await runtime.removeContainer(same.id);
  return undefined;
}

async function adopt(node: NodeContext, input: Start, status: RuntimeContainerStatus): Promise<StartResult> {
  const exit = node.exits.known(status.id);
  if (status.state === 'unknown' && !exit) {
    throw ApplicationFailure.retryable(`the runtime does not know the state of container ${status.id} yet`);
  }
  if (status.state === 'exited' || exit) {
    const end = exit ?? (await node.exits.endOf(status));
    return { ...started(node, input, status.id, status.imageRef, status.startedAt ?? end.finishedAt), exit: end };
  }
  const pod = await node.api.pod(input.pod);
  const startedAt = status.startedAt ?? new Date().toISOString();
  if (pod) watch(node, pod, input, status.id, startedAt);
  return started(node, input, status.id, status.imageRef, startedAt);
}

async function run(node: NodeContext, input: Start, pod: Pod, { id, imageId }: Made): Promise<StartResult> {
  const startedAt = new Date().toISOString();
  if (input.attempt === 0) makeNext(node, pod, input, input.container);
  try {
    await node.runtime.startContainer(id);
  } catch (error) {
    const { message } = refusal(error);
    const exit = { exitCode: 128, reason: 'StartError', message, finishedAt: new Date().toISOString() };
    return { outcome: 'start-error', id: node.idScheme + id, imageId, exit };
  }
  watch(node, pod, input, id, startedAt);
  const exit = await node.exits.claim(id, input.lingerMs);
  return { ...started(node, input, id, imageId, startedAt), ...(exit && { exit }) };
}

function started(node: NodeContext, input: StartInput, id: string, imageId: string, startedAt: string) {
  return { outcome: 'started' as const, id: node.idScheme + id, imageId, image: input.image, startedAt };
}

/** What runs is probed, and its volumes are kept up to date: another process may have set them up. */
function watch({ prober, volumes }: NodeContext, pod: Pod, start: Start, id: string, startedAt: string): void {
  const { container: name, attempt, podIPs } = start;
  volumes.watch(pod);
  prober.watch(pod, { name, attempt, podIPs, id, startedAt });
}
