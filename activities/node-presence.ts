/** A node's sign of life. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { NodeFacts, NodePresenceActivities } from '../pod/contract.ts';

const HEARTBEAT_MS = 1_000;

export interface Presence {
  facts(): Promise<NodeFacts>;
  /** Aborts when what `facts` say now is not so any more; another one after each change. */
  outdated(): AbortSignal;
  /** Called once the node counts as Ready. */
  watched(): void;
  /** Aborts when this process stops in order. */
  stopping: AbortSignal;
}

export function presenceActivities({ facts, outdated, watched, stopping }: Presence): NodePresenceActivities {
  let changed = outdated();
  return {
    async registerNode() {
      changed = outdated();
      return facts();
    },
    async watchNode() {
      watched();
      const context = Context.current();
      const until = AbortSignal.any([stopping, changed, context.cancellationSignal]);
      while (!until.aborted) {
        context.heartbeat();
        await sleep(HEARTBEAT_MS, undefined, { signal: until }).catch(() => undefined);
      }
      if (stopping.aborted) return undefined;
      if (changed.aborted) return 'changed';
      return context.cancelled;
    },
  };
}
