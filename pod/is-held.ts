import { isOver } from './phase.ts';
import type { Pod } from './types.ts';

/** Whether nothing but finalizers holds a Pod: it is over, and deleted without grace. */
export const isHeld = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0 && isOver(status?.phase);
