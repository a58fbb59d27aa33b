/** A node's sign of life. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { NodeFacts, NodePresenceActivities } from '../pod/contract.ts';

const HEARTBEAT_MS = 1_000;

/** `stopping` aborts when this process stops in order; `watched` is called once the node counts as Ready. */
export function presenceActivities(
  facts: () => Promise<NodeFacts>,
  watched: () => void,
  stopping: AbortSignal,
): NodePresenceActivities {
  return {
    registerNode: facts,
    async watchNode() {
      watched();
      const context = Context.current();
      const until = AbortSignal.any([stopping, context.cancellationSignal]);
      while (!until.aborted) {
        context.heartbeat();
        await sleep(HEARTBEAT_MS, undefined, { signal: until }).catch(() => undefined);
      }
      if (!stopping.aborted) await context.cancelled;
    },
  };
}
