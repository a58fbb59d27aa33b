/** `npm run bench`: durapod beside its own floor, on a durapod that is started for it and removed again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { Command } from 'commander';
import { Durapod } from '../test/durapod.ts';
import { ApiClient } from './api.ts';
import { Floor } from './floor.ts';
import { describeMachine, residentMiB } from './machine.ts';
import { measureHistory, measureLives, measureStarts, type Sides } from './measure.ts';
import { PODS_PATH } from './pods.ts';
import { formatReport, type Report } from './report.ts';

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

const options = new Command('bench')
  .description('Measures durapod beside the same calls made straight to the container runtime (needs root)')
  .option('--json', 'print JSON instead of a table')
  .option('--quick', 'fewer Pods, under a minute')
  .parse()
  .opts<{ json?: boolean; quick?: boolean }>();

const say = (line: string) => process.stderr.write(`${line}\n`);
const stopped = untilStopped();
say('starting durapod');
const durapod = await Durapod.start();
try {
  const report = await Promise.race([measure(options.quick ? QUICK : FULL), stopped, sleepThenFail()]);
  console.log(options.json ? JSON.stringify(report, undefined, 2) : formatReport(report));
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

async function sleepThenFail(): Promise<never> {
  await sleep(LIMIT_MS, undefined, { ref: false });
  throw new Error(`not done after ${LIMIT_MS / 1000} s: is the machine busy?`);
}

async function measure(size: Size): Promise<Report> {
  const from = performance.now();
  await using opened = new AsyncDisposableStack();
  const floor = await Floor.open(join(durapod.home, 'run', 'containerd.sock'), join(durapod.home, 'floor'));
  opened.defer(() => floor.close());
  const api = await ApiClient.open(durapod.kubeconfig, PODS_PATH);
  opened.defer(() => api.close());
  const ports = JSON.parse(readFileSync(join(durapod.home, 'ports.json'), 'utf8')) as { temporal: number };
  const connection = await Connection.connect({ address: `127.0.0.1:${ports.temporal}` });
  opened.defer(() => connection.close());
  const sides: Sides = { floor, api };

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
  const history = await measureHistory(sides, new Client({ connection }), size.restSeconds, () => {
    memory = Object.fromEntries(Object.entries(durapod.pids()).map(([name, pid]) => [name, residentMiB(pid)]));
  });
  const machine = describeMachine(await floor.runtime.info());
  return { machine, ...starts, lives, history, memory, seconds: (performance.now() - from) / 1000 };
}
