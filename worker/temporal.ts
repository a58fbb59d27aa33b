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

/** How a client reaches Temporal. */
export const CHANNEL_ARGS = {
  // Otherwise one that is refused waits longer each time, up to two minutes, and Temporal is back long before.
  'grpc.max_reconnect_backoff_ms': 1_000,
  // Otherwise name servers are asked for settings that Temporal has none of, and one out of reach for 20 s, also by a
  // process that would be at its end.
  'grpc.service_config_disable_resolution': 1,
};

/** Connects, for at most `timeoutMs`. Throws with the address and what to look at. */
export async function connectTemporal(target: TemporalAddress, timeoutMs = 60_000): Promise<TemporalHandle> {
  const { address } = target;
  const until = Date.now() + timeoutMs;
  for (;;) {
    const calls = new TemporalCalls();
    const clientConnection = Connection.lazy({
      address,
      interceptors: calls.interceptors,
      channelArgs: CHANNEL_ARGS,
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
