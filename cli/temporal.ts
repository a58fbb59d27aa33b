import { Connection } from '@temporalio/client';
import { messageOf } from '../pod/message-of.ts';
import { CHANNEL_ARGS } from '../worker/temporal.ts';
import { Daemon } from './daemon.ts';
import { UserError } from './user-error.ts';

/** Of a Pod's workflow, all of type Keyword. */
export const SEARCH_ATTRIBUTES = ['PodNamespace', 'PodName', 'PodPhase', 'PodReason', 'PodNode'] as const;

/**
 * Measured on two cores: with the defaults a sequential step costs 50 ms and a timer of 100 ms fires after 950 ms; with
 * these it is 20 ms and 103 ms.
 */
const DYNAMIC_CONFIG = {
  'history.transferProcessorMaxPollRPS': '10000',
  'history.transferProcessorMaxPollHostRPS': '10000',
  'history.timerProcessorMaxTimeShift': '"20ms"',
};

/** SQLite with a write-ahead log: 13 Pods a second instead of 2; a killed server loses nothing. */
const SQLITE_PRAGMAS = ['journal_mode=wal', 'synchronous=normal'];

const READY_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 2000;
/** `IndexedValueType` of Temporal's API. */
const KEYWORD = 2;

/** Where the dev server keeps its state and listens. */
export interface TemporalOptions {
  binary: string;
  database: string;
  processFile: string;
  logFile: string;
  ports: { grpc: number; ui: number; http: number; metrics: number };
  log: (line: string) => void;
  onRestart?: () => void;
}

/** Temporal's dev server (one binary: SQLite, its UI). Closed workflows are kept for a day, its default. */
export function temporalDaemon({
  binary,
  database,
  processFile,
  logFile,
  ports,
  log,
  onRestart,
}: TemporalOptions): Daemon {
  return new Daemon({
    name: 'Temporal',
    command: binary,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--headless=false', '--ui-disable-news-fetch'],
      ...['--db-filename', database, '--log-level', 'warn', '--log-format', 'json'],
      ...['--port', String(ports.grpc), '--ui-port', String(ports.ui)],
      ...['--http-port', String(ports.http), '--metrics-port', String(ports.metrics)],
      ...SQLITE_PRAGMAS.flatMap((pragma) => ['--sqlite-pragma', pragma]),
      ...Object.entries(DYNAMIC_CONFIG).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]),
      ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ],
    // The user's own settings of Temporal's CLI are not meant for this server.
    env: { TEMPORAL_CONFIG_FILE: '/dev/null', TEMPORAL_ENV_FILE: '/dev/null' },
    processFile,
    logFile,
    ready: () => temporalAnswers(`127.0.0.1:${ports.grpc}`, 'default'),
    readyTimeoutMs: READY_TIMEOUT_MS,
    log,
    onRestart,
  });
}

/** Resolves when the server answers for the namespace, rejects while it does not; takes a few seconds at most. */
export function temporalAnswers(address: string, namespace: string): Promise<void> {
  return withConnection(address, async (connection) => {
    await connection.workflowService.describeNamespace({ namespace });
  });
}

/**
 * Makes a server that is not ours ready for Pods: its namespace must be there, missing search attributes are added.
 * Throws UserError naming the address and what to do.
 */
export async function prepareTemporal(address: string, namespace: string): Promise<void> {
  try {
    await temporalAnswers(address, namespace);
  } catch (error) {
    throw new UserError(
      `Temporal at ${address} does not answer for namespace "${namespace}" (${messageOf(error)}): start it, create the namespace, or check --temporal`,
    );
  }
  try {
    await withConnection(address, async (connection) => {
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
      const missing = SEARCH_ATTRIBUTES.filter((name) => !(customAttributes && name in customAttributes));
      if (missing.length === 0) return;
      const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
      await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    });
  } catch (error) {
    const flags = SEARCH_ATTRIBUTES.map((name) => `--name ${name} --type Keyword`).join(' ');
    throw new UserError(
      `cannot add search attributes at ${address} (${messageOf(error)}): let its operator run \`temporal operator search-attribute create -n ${namespace} ${flags}\``,
    );
  }
}

async function withConnection<T>(address: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({
    address,
    connectTimeout: CONNECT_TIMEOUT_MS,
    channelArgs: CHANNEL_ARGS,
  });
  try {
    return await connection.withDeadline(Date.now() + 5000, () => work(connection));
  } finally {
    await connection.close();
  }
}
