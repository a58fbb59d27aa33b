/** Connections to Temporal: it may not be up yet, or be away for a while, and both are waited for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { TemporalCalls } from './temporal-calls.ts';

export interface TemporalAddress {
  address: string;
  namespace: string;
}

export interface TemporalHandle extends TemporalAddress {
  connection: NativeConnection;
  client: Client;
  close(): Promise<void>;
}

/** Otherwise a connection that is refused waits longer each time, up to two minutes, and Temporal is back long before. */
const RECONNECT_MS = 1_000;

/** Connects, for at most `timeoutMs`. Throws with the address and what to look at. */
export async function connectTemporal(target: TemporalAddress, timeoutMs = 60_000): Promise<TemporalHandle> {
  const { address } = target;
  const until = Date.now() + timeoutMs;
  for (;;) {
    const calls = new TemporalCalls();
    const clientConnection = Connection.lazy({
      address,
      interceptors: calls.interceptors,
      channelArgs: { 'grpc.max_reconnect_backoff_ms': RECONNECT_MS },
      connectTimeout: Math.max(until - Date.now(), 1),
    });
    try {
      await clientConnection.ensureConnected();
      const connection = await NativeConnection.connect({ address });
      const client = new Client({ connection: clientConnection, namespace: target.namespace });
      const close = async () => {
        await calls.end();
        await clientConnection.close();
        await connection.close();
      };
      return { ...target, connection, client, close };
    } catch (error) {
      // By itself it would go on trying.
      await clientConnection.close();
      if (Date.now() >= until) {
        throw new Error(`Temporal does not answer at ${address}: is it running there?`, { cause: error });
      }
      await sleep(200);
    }
  }
}
