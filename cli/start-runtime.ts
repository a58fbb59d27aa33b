import type { SeenExit } from '../node/exit-journal.ts';
import { messageOf } from '../pod/message-of.ts';
import type { Runtime } from '../runtime/port.ts';
import { containerdPaths } from './containerd.ts';
import { exitWitness, witnessedExits } from './exit-witness.ts';
import type { Home } from './home.ts';
import { openRuntime } from './parts.ts';
import { checkIptables } from './preflight.ts';
import { containerdDaemon, ensureImages } from './private-containerd.ts';
import type { RuntimeChoice } from './settings.ts';
import { describeStart } from './start-temporal.ts';
import type { ToolContext } from './tools/context.ts';
import { CONTAINER_TOOLS, ensureTools } from './tools.ts';

export interface StartRuntimeOptions {
  home: Home;
  choice: RuntimeChoice;
  tools: ToolContext;
  log: (line: string) => void;
  signal: AbortSignal;
}

export interface StartedRuntime {
  runtime: Runtime;
  /** Ends of containers that were seen while durapod was away. */
  witnessed: SeenExit[];
  release(): Promise<void>;
}

/** Starts (or takes over) our containerd and makes its images, or opens the given runtime. `release` leaves containers running. */
export async function startRuntime(options: StartRuntimeOptions): Promise<StartedRuntime> {
  const { home, choice, tools, log, signal } = options;
  const { steps } = tools;
  const { socket } = containerdPaths(home);
  if (choice.kind !== 'containerd') {
    if (choice.kind === 'sim') steps.say('containers are SIMULATED (--runtime sim): no program really runs');
    const runtime = await openRuntime(choice, socket);
    return { runtime, witnessed: [], release: () => runtime.close() };
  }
  const [containerd, , cniPlugin, busybox, iptables] = (await ensureTools(CONTAINER_TOOLS, tools)) as [
    string,
    string,
    string,
    string,
    string,
  ];
  await checkIptables(iptables);
  const daemon = containerdDaemon(home, { containerd, cniPlugin }, log);
  await steps.step('containerd', () => daemon.start(signal), describeStart);
  const witness = exitWitness(home, containerd, log);
  const witnessed = witnessedExits(home);
  try {
    // Without it only an exit of the very moment of a crash is lost.
    await witness?.start(signal).catch((error) => log(messageOf(error)));
    await steps.step(
      'images',
      () => ensureImages(home, busybox),
      (names) => names.join(', '),
    );
    const runtime = await openRuntime(choice, socket);
    return {
      runtime,
      witnessed,
      async release() {
        await runtime.close();
        await witness?.release();
        await daemon.release();
      },
    };
  } catch (error) {
    await witness?.release();
    await daemon.release();
    throw error;
  }
}
