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

/** Connects, for at most `timeoutMs`. Throws with the address and what to look at. */
export async function connectTemporal(target: TemporalAddress, timeoutMs = 60_000): Promise<TemporalHandle> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    try {
      const calls = new TemporalCalls();
      const clientConnection = await Connection.connect({ address: target.address, interceptors: calls.interceptors });
      const connection = await NativeConnection.connect({ address: target.address }).catch(async (error) => {
        await clientConnection.close();
        throw error;
      });
      const client = new Client({ connection: clientConnection, namespace: target.namespace });
      const close = async () => {
        await calls.end();
        await clientConnection.close();
        await connection.close();
      };
      return { ...target, connection, client, close };
    } catch (error) {
      if (Date.now() > until) {
        throw new Error(`Temporal does not answer at ${target.address}: is it running there?`, { cause: error });
      }
      await sleep(200);
    }
  }
}
