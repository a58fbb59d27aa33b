import { lookup } from 'node:dns/promises';
import type { Logger } from 'pino';
import type { NodeApi } from '../activities/node-context.ts';
import { NodeDirs } from '../node/dirs.ts';
import type { SeenExit } from '../node/exit-journal.ts';
import type { HousekeepingPolicy } from '../node/housekeeping/policy.ts';
import { startStreaming } from '../node/streaming.ts';
import { messageOf } from '../pod/message-of.ts';
import type { Runtime } from '../runtime/port.ts';
import { startNode } from '../worker/node.ts';
import { machineFacts } from '../worker/node-facts.ts';
import type { TemporalHandle } from '../worker/temporal.ts';
import type { KeyPair } from './certificates.ts';
import { UserError } from './user-error.ts';

/** What the node's side runs on. */
export interface NodeSideOptions {
  name: string;
  /** Address or name under which other machines reach it; the machine's own addresses when absent. */
  address?: string;
  runtime: Runtime;
  temporal: TemporalHandle;
  api: NodeApi;
  /** Directory of what it keeps of its Pods. */
  root: string;
  host: string;
  port: number;
  tls: KeyPair;
  /** What the API shows to be let in. */
  token: string;
  housekeeping: HousekeepingPolicy;
  witnessed: SeenExit[];
  log: Logger;
}

/** Streaming endpoint, exit watcher, prober and activities of one node. */
export async function startNodeSide(options: NodeSideOptions): Promise<{ close(): Promise<void> }> {
  const { name, address, runtime, temporal, api, root, host, port, tls, token, housekeeping, witnessed, log } = options;
  const podLogs = new NodeDirs(root).logs;
  await using started = new AsyncDisposableStack();
  const streaming = await startStreaming({ runtime, podLogs, host, port, tls, token, log }).catch((error) => {
    throw new UserError(
      `the node's endpoint cannot listen on ${host}:${port} (${messageOf(error)}): choose another with --node-port`,
    );
  });
  started.defer(() => streaming.close());
  const facts = await machineFacts(root);
  const machine = address ? { ...facts, addresses: [await ipOf(address)] } : facts;
  const node = await startNode({
    name,
    temporal,
    runtime,
    root,
    api,
    machine,
    port: streaming.port,
    housekeeping,
    witnessed,
    log,
  });
  started.defer(() => node.stop());
  const stack = started.move();
  return { close: () => stack.disposeAsync() };
}

/** What a Node and its Pods show as an address must be one; a name stands for what it means here and now. */
async function ipOf(address: string): Promise<string> {
  const found = await lookup(address).catch((error) => {
    throw new UserError(
      `the node's address "${address}" cannot be looked up (${messageOf(error)}): correct --node-address`,
    );
  });
  return found.address;
}
