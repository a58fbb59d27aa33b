import { messageOf } from '../../pod/message-of.ts';

/** Does the work for each item, one after the other, whatever becomes of those before. Throws at the end what failed. */
export async function eachInTurn<T>(items: Iterable<T>, work: (item: T) => Promise<unknown>): Promise<void> {
  const failures: unknown[] = [];
  for (const item of items) {
    try {
      await work(item);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === 0) return;
  const others = failures.length === 1 ? '' : ` (and ${failures.length - 1} more)`;
  throw new AggregateError(failures, `${messageOf(failures[0])}${others}`);
}
