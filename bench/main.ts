/** `npm run bench`: durapod beside its own floor, on a durapod that is started for it and removed again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
  warmup: 5,
  starts: 25,
  lives: [
    { parallel: 1, pods: 12 },
    { parallel: 4, pods: 24 },
    { parallel: 8, pods: 32 },
  ],
  restSeconds: 20,
};
const QUICK: Size = {
  warmup: 2,
  starts: 8,
  lives: [
    { parallel: 1, pods: 4 },
    { parallel: 4, pods: 8 },
    { parallel: 8, pods: 16 },
  ],
  restSeconds: 5,
};
const LIMIT_MS = 240_000;

const options = new Command('bench')
  .description('Measures durapod beside the same calls made straight to the container runtime (needs root)')
  .option('--json', 'print JSON instead of a table')
  .option('--quick', 'fewer Pods, under a minute')
  .parse()
  .opts<{ json?: boolean; quick?: boolean }>();

const say = (line: string) => process.stderr.write(`${line}\n`);
const durapod = await startDurapod();
try {
  const late = new Promise<never>((_, reject) => {
    const stop = (why: string) => reject(new Error(why));
    setTimeout(stop, LIMIT_MS, `not done after ${LIMIT_MS / 1000} s: is the machine busy?`).unref();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(`stopped by ${signal}`));
  });
  const report = await Promise.race([measure(options.quick ? QUICK : FULL), late]);
  console.log(options.json ? JSON.stringify(report, undefined, 2) : formatReport(report));
} catch (error) {
  say(`the benchmark failed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  await durapod.down();
}
// What a failed measurement left waiting is of no use any more.
process.exit();

function startDurapod(): Promise<Durapod> {
  say('starting durapod');
  return Durapod.start();
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
