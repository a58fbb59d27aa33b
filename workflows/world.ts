/** How workflows reach the world: local activities on the store, and the activities of a node on its own task queue. */
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ControlActivities, NodeActivities } from '../pod/contract.ts';
import { nodeTaskQueue } from '../pod/messages.ts';

/** Infrastructure that is away comes back: repeat without end, and soon. */
const RETRY = { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' } as const;

/** On the store, a millisecond or two each. */
export const control = proxyLocalActivities<ControlActivities>({
  startToCloseTimeout: '10s',
  localRetryThreshold: '30s',
  retry: RETRY,
});

/**
 * On the node. Each heartbeats, so that a node that died is noticed within seconds and the activity, which finds what
 * its first try made, goes on.
 */
export function nodeActivities(nodeName: string) {
  return proxyActivities<NodeActivities>({
    taskQueue: nodeTaskQueue(nodeName),
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '5s',
    retry: RETRY,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  });
}
export type NodeProxy = ReturnType<typeof nodeActivities>;
