/**
 * A node's presence as a workflow: registered, then watched through one heartbeating activity. When its heartbeat stops
 * the node is NotReady; when it comes back it registers again. At rest it costs nothing but the heartbeats.
 */
import {
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { NodeControlActivities, NodePresenceActivities } from '../pod/contract.ts';
import { nodeTaskQueue } from '../pod/messages.ts';

export interface NodeInput {
  name: string;
}

/** A process of the node has started: the one before is gone, whatever its heartbeat says. */
export const nodeStarted = defineSignal<[{ instance: string }]>('nodeStarted');

const control = proxyLocalActivities<NodeControlActivities>({
  startToCloseTimeout: '10s',
  localRetryThreshold: '30s',
  retry: { initialInterval: '200ms', maximumInterval: '5s' },
});

export async function nodeWorkflow(input: NodeInput): Promise<void> {
  const taskQueue = nodeTaskQueue(input.name);
  const register = proxyActivities<NodePresenceActivities>({
    taskQueue,
    startToCloseTimeout: '5s',
    retry: { initialInterval: '200ms', maximumInterval: '5s' },
  }).registerNode;
  const watch = proxyActivities<NodePresenceActivities>({
    taskQueue,
    startToCloseTimeout: '30 days',
    heartbeatTimeout: '5s',
    retry: { maximumAttempts: 1 },
    cancellationType: 'TRY_CANCEL',
  }).watchNode;

  let instance: string | undefined;
  setHandler(nodeStarted, (started) => {
    instance = started.instance;
  });
  while (!workflowInfo().continueAsNewSuggested) {
    const facts = await register.executeWithOptions({ summary: 'register' }, []);
    await control.publishNode({ name: input.name, facts, ready: true, message: 'durapod is posting ready status' });
    const watching = facts.instance;
    const replaced = () => instance !== undefined && instance !== watching;
    const message = await untilSilent(watch, watching, replaced);
    if (message) await control.publishNode({ name: input.name, ready: false, message });
    instance = undefined;
  }
  await continueAsNew<typeof nodeWorkflow>(input);
}

/**
 * Resolves when the node's heartbeat stops, with why; or with nothing when another process has taken its place, or the
 * node has something new to say.
 */
async function untilSilent(
  watch: NodePresenceActivities['watchNode'],
  watching: string,
  replaced: () => boolean,
): Promise<string | undefined> {
  const scope = new CancellationScope({ cancellable: true });
  const silent = scope
    .run(() => watch({ instance: watching }))
    .then(
      (why) => (why === 'changed' ? undefined : 'durapod stopped on this node'),
      (error: unknown) => (isCancellation(error) ? undefined : 'durapod stopped posting node status'),
    );
  const message = await Promise.race([silent, condition(replaced).then(() => undefined)]);
  scope.cancel();
  return message;
}
