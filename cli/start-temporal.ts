import { join } from 'node:path';
import { messageOf } from '../pod/message-of.ts';
import { connectTemporal, type TemporalAddress, type TemporalHandle } from '../worker/temporal.ts';
import { Daemon } from './daemon.ts';
import type { Home } from './home.ts';
import type { PortRequest } from './ports.ts';
import type { Settings } from './settings.ts';
import { prepareTemporal, temporalDaemon } from './temporal.ts';
import { ownTemporal, temporalCli, temporalProcessFile } from './temporal-place.ts';
import type { ToolContext } from './tools/context.ts';
import { ensureTool } from './tools.ts';
import { UserError } from './user-error.ts';

const STOP_GRACE_MS = 10_000;

/** The ports of our Temporal; those of one that runs already stay. */
export function temporalPortRequests(home: Home, settings: Settings): PortRequest[] {
  const held = Daemon.isHeld(temporalProcessFile(home));
  return [
    { name: 'temporal', flag: '--temporal-port', wanted: settings.temporalPort, held },
    { name: 'temporal-ui', flag: '--ui-port', wanted: settings.uiPort, held },
    { name: 'temporal-http', flag: '--temporal-port', held },
    { name: 'temporal-metrics', flag: '--temporal-port', held },
  ];
}

export interface StartTemporalOptions {
  home: Home;
  settings: Settings;
  ports: Record<string, number>;
  tools: ToolContext;
  log: (line: string) => void;
  signal: AbortSignal;
}

/** A Temporal that durapod uses. */
export interface StartedTemporal extends TemporalHandle {
  /** What a command of Temporal's CLI begins with. */
  cli: string;
  /** Ends what is ours. */
  stop(): Promise<void>;
}

/** Starts (or takes over) our Temporal, or makes the given one ready, and connects. */
export async function startTemporal(options: StartTemporalOptions): Promise<StartedTemporal> {
  const { home, settings, tools, signal } = options;
  const { steps } = tools;
  const namespace = settings.temporalNamespace;
  if (settings.temporal) {
    const address = settings.temporal;
    await steps.step(`Temporal at ${address}`, () => prepareTemporal(address, namespace));
    const handle = await connect({ address, namespace });
    return { ...handle, cli: temporalCli('temporal', handle), stop: () => handle.close() };
  }
  const binary = await ensureTool('temporal', tools);
  const daemon = temporalDaemon({
    binary,
    database: home.temporal,
    processFile: temporalProcessFile(home),
    logFile: join(home.log, 'temporal.log'),
    ports: {
      grpc: options.ports.temporal!,
      ui: options.ports['temporal-ui']!,
      http: options.ports['temporal-http']!,
      metrics: options.ports['temporal-metrics']!,
    },
    log: options.log,
  });
  await steps.step('Temporal', () => daemon.start(signal), describeStart);
  try {
    const handle = await connect({ address: ownTemporal(options.ports), namespace });
    return {
      ...handle,
      cli: temporalCli(binary, handle),
      async stop() {
        await handle.close();
        await steps.step('stopping Temporal', () => daemon.stop(STOP_GRACE_MS));
      },
    };
  } catch (error) {
    await daemon.stop(STOP_GRACE_MS);
    throw error;
  }
}

async function connect(target: TemporalAddress): Promise<TemporalHandle> {
  return connectTemporal(target).catch((error) => {
    throw new UserError(messageOf(error));
  });
}

/** What a step's line adds when the program ran already. */
export function describeStart({ adopted }: { adopted: boolean }): string {
  return adopted ? 'ran already' : '';
}
