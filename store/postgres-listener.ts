/** Hears of writes of other processes through PostgreSQL's notices. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** The channel that a trigger of the schema tells each new revision on, as the writing transaction commits. */
export const channel = 'durapod_revision';

/** Calls `seen` with each revision that is told, on a connection of its own that is made again when it breaks. */
export async function listen(config: pg.ClientConfig, seen: (revision: number) => void, signal: AbortSignal) {
  for (let pause = 100; !signal.aborted; pause = Math.min(pause * 2, 5000)) {
    const client = new pg.Client(config);
    // What breaks the connection also ends it, and that is waited for.
    client.on('error', () => {});
    client.on('notification', ({ payload }) => seen(Number(payload)));
    try {
      const ended = once(client, 'end', { signal });
      ended.catch(() => {});
      await client.connect();
      await client.query(`listen ${channel}`);
      const { rows } = await client.query<{ revision: number }>('select revision from durapod.meta where id = 1');
      seen(rows[0]!.revision);
      pause = 100;
      await ended;
    } catch {
      // Watchers also look by themselves; until the connection is back they are only slower.
    } finally {
      await client.end().catch(() => {});
    }
    await sleep(pause, undefined, { signal }).catch(() => {});
  }
}
