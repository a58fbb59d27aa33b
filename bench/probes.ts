/** What probes cost: Temporal's part at rest, and processor time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Runtime } from '../runtime/port.ts';
import { cpuSeconds, shimsOf } from './cpu.ts';
import { inParallel, measureHistory, SETTLE_MS, type Sides } from './measure.ts';
import { endPod, type ReadyPod, startPod } from './pods.ts';
import { IMAGE, MAIN } from './shape.ts';

export interface ProbeSize {
  /** Pods with one exec probe a second each. */
  pods: number;
  /** How long each measurement watches. */
  seconds: number;
}

export interface ProbeFigures extends ProbeSize {
  /** Events that a Pod with three probes a second adds to its workflow's history at rest. */
  historyPerHour: number;
  /** Exec probes that were carried out, of all Pods together. */
  probesPerSecond: number;
  /** Processor time by program while the Pods are probed, in percent of one core. */
  cpu: Record<string, number>;
}

const STARTS_AT_ONCE = 8;
/** Pods are not probed before all are there: probes that overload the machine would keep the last ones from starting. */
const SECONDS_A_POD = 1.5;
const EXEC_MS = 30_000;

/** A line a probe, so that what was carried out can be counted: a machine that is too slow drops beats. */
const PROBE = {
  exec: { command: ['sh', '-c', 'echo >>/probes'] },
  periodSeconds: 1,
  // A busy machine shall show as fewer probes, not as failed ones.
  timeoutSeconds: 30,
};

const container = (name: string, probes: object) => ({ name, image: IMAGE, command: MAIN.command, ...probes });
const probedFrom = (initialDelaySeconds: number) => ({
  containers: [container('main', { livenessProbe: { ...PROBE, initialDelaySeconds } })],
});
/** A startup probe would rest: it is readiness and liveness that are probed at rest. */
const THREE_PROBES = {
  containers: [
    container('main', { readinessProbe: PROBE, livenessProbe: PROBE }),
    container('other', { readinessProbe: PROBE }),
  ],
};

/** Both measurements. `programs` are process ids by name; `socket` is the containerd's that runs the Pods. */
export async function measureProbes(
  sides: Sides,
  temporal: Client,
  machine: { programs: Record<string, number>; socket: string },
  size: ProbeSize,
  say: (line: string) => void,
): Promise<ProbeFigures> {
  say(`one Pod with three probes a second at rest for ${size.seconds} s`);
  const { perHour } = await measureHistory(sides, temporal, size.seconds, () => undefined, THREE_PROBES);

  say(`starting ${size.pods} Pods with an exec probe a second`);
  const pods: ReadyPod[] = [];
  const delay = Math.ceil(size.pods * SECONDS_A_POD);
  const start = async () => void pods.push(await startPod(sides.api, probedFrom(delay)));
  await inParallel(STARTS_AT_ONCE, size.pods, start);
  say('waiting until all are probed');
  await sleep(delay * 1000 + SETTLE_MS);
  say(`watching them for ${size.seconds} s`);
  const figures = await watch(sides.floor.runtime, pods, machine, size.seconds);
  await inParallel(STARTS_AT_ONCE, size.pods, () => endPod(sides.api, pods.pop() as ReadyPod));
  return { ...size, historyPerHour: perHour, ...figures };
}

async function watch(
  runtime: Runtime,
  pods: ReadyPod[],
  { programs, socket }: { programs: Record<string, number>; socket: string },
  seconds: number,
): Promise<Pick<ProbeFigures, 'probesPerSecond' | 'cpu'>> {
  const uids = new Set(pods.map(({ ref }) => ref.uid));
  const ids = (await runtime.listContainers({})).filter((c) => uids.has(c.pod.uid)).map((c) => c.id);
  const count = async () => ({ at: performance.now(), probes: await countProbes(runtime, ids) });
  const firstCount = await count();
  const before = cpuOf(programs, socket);
  const from = performance.now();
  await sleep(seconds * 1000);
  const passed = performance.now() - from;
  const after = cpuOf(programs, socket);
  const lastCount = await count();
  return {
    probesPerSecond: ((lastCount.probes - firstCount.probes) * 1000) / (lastCount.at - firstCount.at),
    cpu: Object.fromEntries(
      Object.entries(after).map(([name, used]) => [name, ((used - (before[name] ?? 0)) * 100_000) / passed]),
    ),
  };
}

/** In seconds. */
function cpuOf(programs: Record<string, number>, socket: string): Record<string, number> {
  const shims = shimsOf(socket).reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const own = Object.entries(programs).map(([name, pid]) => [name, cpuSeconds(pid)]);
  return { ...Object.fromEntries(own), 'shims and what they execute': shims };
}

async function countProbes(runtime: Runtime, ids: string[]): Promise<number> {
  let sum = 0;
  for (const id of ids) sum += Number((await runtime.execSync(id, ['sh', '-c', 'wc -l </probes'], EXEC_MS)).stdout);
  return sum;
}
