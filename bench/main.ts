/** `npm run bench`: durapod beside its own floor, on a durapod that is started for it and removed again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { Command } from 'commander';
import { Durapod } from '../test/durapod.ts';
import { ApiClient } from './api.ts';
import { Floor } from './floor.ts';
import { describeMachine, type Machine, residentMiB } from './machine.ts';
import { measureHistory, measureLives, measureStarts, type Sides } from './measure.ts';
import { PODS_PATH } from './pods.ts';
import { measureProbes, type ProbeSize } from './probes.ts';
import { formatProbes, formatReport, type Report } from './report.ts';

/** How much is measured: Pods on each side, and seconds at rest. */
interface Size {
  warmup: number;
  starts: number;
  lives: { parallel: number; pods: number }[];
  restSeconds: number;
}

const FULL: Size = {
  warmup: 3,
  starts: 20,
  lives: [
    { parallel: 1, pods: 8 },
    { parallel: 4, pods: 16 },
    { parallel: 8, pods: 24 },
  ],
  restSeconds: 20,
};
const QUICK: Size = {
  warmup: 2,
  starts: 6,
  lives: [
    { parallel: 1, pods: 2 },
    { parallel: 4, pods: 8 },
    { parallel: 8, pods: 8 },
  ],
  restSeconds: 3,
};
/** With the start before and the removal after it, all is over within four minutes. */
const LIMIT_MS = 210_000;
/** A hundred Pods that are probed while they start take their time. */
const PROBES_LIMIT_MS = 900_000;
const PROBES: ProbeSize = { pods: 100, seconds: 60 };
const QUICK_PROBES: ProbeSize = { pods: 10, seconds: 10 };

const options = new Command('bench')
  .description('Measures durapod beside the same calls made straight to the container runtime (needs root)')
  .option('--json', 'print JSON instead of a table')
  .option('--quick', 'fewer Pods, under a minute')
  .option('--probes', 'instead, what probes cost: 100 Pods (with --quick 10) with an exec probe a second')
  .parse()
  .opts<{ json?: boolean; quick?: boolean; probes?: boolean }>();

const say = (line: string) => process.stderr.write(`${line}\n`);
const stopped = untilStopped();
say('starting durapod');
const durapod = await Durapod.start();
try {
  await using bench = await open();
  const limit = sleepThenFail(options.probes ? PROBES_LIMIT_MS : LIMIT_MS);
  const work = options.probes
    ? probes(bench, options.quick ? QUICK_PROBES : PROBES)
    : measure(bench, options.quick ? QUICK : FULL);
  const { report, text } = await Promise.race([work, stopped, limit]);
  console.log(options.json ? JSON.stringify(report, undefined, 2) : text);
} catch (error) {
  say(`the benchmark failed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  await durapod.down();
}
// What a failed measurement left waiting is of no use any more.
process.exit();

/** Rejects on a signal, so that durapod is removed before this process ends, also when it comes while durapod starts. */
function untilStopped(): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => reject(new Error(`stopped by ${signal}`)));
  }
  return promise;
}

async function sleepThenFail(limitMs: number): Promise<never> {
  await sleep(limitMs, undefined, { ref: false });
  throw new Error(`not done after ${limitMs / 1000} s: is the machine busy?`);
}

/** The ways to what is measured. */
interface Bench extends AsyncDisposable {
  sides: Sides;
  temporal: Client;
  socket: string;
  machine: Machine;
  from: number;
}

async function open(): Promise<Bench> {
  const from = performance.now();
  await using opened = new AsyncDisposableStack();
  const socket = join(durapod.home, 'run', 'containerd.sock');
  const floor = await Floor.open(socket, join(durapod.home, 'floor'));
  opened.defer(() => floor.close());
  const api = await ApiClient.open(durapod.kubeconfig, PODS_PATH);
  opened.defer(() => api.close());
  const ports = JSON.parse(readFileSync(join(durapod.home, 'ports.json'), 'utf8')) as { temporal: number };
  const connection = await Connection.connect({ address: `127.0.0.1:${ports.temporal}` });
  opened.defer(() => connection.close());
  const machine = describeMachine(await floor.runtime.info());
  const stack = opened.move();
  const temporal = new Client({ connection });
  return { sides: { floor, api }, temporal, socket, machine, from, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

interface Outcome {
  report: object;
  text: string;
}

async function measure({ sides, temporal, machine, from }: Bench, size: Size): Promise<Outcome> {
  say('warming up');
  await measureStarts(sides, size.warmup);
  say(`starting ${size.starts} Pods one at a time`);
  const starts = await measureStarts(sides, size.starts);
  const lives: Report['lives'] = [];
  for (const { parallel, pods } of size.lives) {
    say(`whole lives, ${parallel} in parallel`);
    lives.push(await measureLives(sides, parallel, pods));
  }
  say(`one Pod at rest for ${size.restSeconds} s`);
  let memory: Report['memory'] = {};
  const history = await measureHistory(sides, temporal, size.restSeconds, () => {
    memory = Object.fromEntries(Object.entries(durapod.pids()).map(([name, pid]) => [name, residentMiB(pid)]));
  });
  const report = { machine, ...starts, lives, history, memory, seconds: secondsSince(from) };
  return { report, text: formatReport(report) };
}

async function probes({ sides, temporal, socket, machine, from }: Bench, size: ProbeSize): Promise<Outcome> {
  const programs = durapod.pids();
  const figures = await measureProbes(sides, temporal, { programs, socket }, size, say);
  const report = { machine, ...figures, took: secondsSince(from) };
  return { report, text: formatProbes(report) };
}

function secondsSince(from: number): number {
  return (performance.now() - from) / 1000;
}
