/** Batches of Pods whose host is killed at a random moment of their start, judged when they have come to rest. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from '../../pod/types.ts';
import { openCriRuntime } from '../../runtime/cri/runtime.ts';
import { type Runtime, type RuntimeContainer, RuntimeError } from '../../runtime/port.ts';
import type { Durapod } from '../durapod.ts';
import { ANOMALIES, type Anomaly, areStartsCutOff, atRest, hasUnseenEnd, judge } from './judge.ts';
import { expectedOf, manifest, type PodPlan, planBatch, randomOf, runsFile } from './plan.ts';

export const VICTIMS = ['durapod', 'temporal', 'containerd'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface SoakOptions {
  durapod: Durapod;
  /** How often to kill, and what, all of one kind at once. */
  kills: number;
  victims: Victim[];
  seed: number;
  podsPerKill: number;
  /** One line for each kill. */
  say?: (line: string) => void;
}

export interface SoakResult {
  victims: Victim[];
  pods: number;
  clean: number;
  anomalies: Record<Anomaly, number>;
  /** Pods with an anomaly that say of an end that nobody saw it. */
  unseen: number;
  /** Pods in which something ran again that say that its first start was cut off. */
  cutOff: number;
  /** The anomalies of all others. */
  details: string[];
  /** From the kill (and the start that follows it at once) to all Pods of the batch at rest; the undisturbed batch's time. */
  restMs: number[];
  undisturbedMs: number;
}

/** A Pod that does not come to rest for so long after a kill is stuck. */
const STUCK_MS = 60_000;
const POLL_MS = 250;

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { durapod, kills, victims, podsPerKill, say } = options;
  const random = randomOf(options.seed);
  const directory = mkdtempSync(join(durapod.home, 'soak-'));
  const runtime = await openCriRuntime({ socket: join(durapod.home, 'run', 'containerd.sock') });
  const result: SoakResult = {
    victims,
    pods: 0,
    clean: 0,
    anomalies: Object.fromEntries(ANOMALIES.map((kind) => [kind, 0])) as Record<Anomaly, number>,
    unseen: 0,
    cutOff: 0,
    details: [],
    restMs: [],
    undisturbedMs: 0,
  };
  try {
    // The first batch is left alone: it says how long a start takes, and so when to kill.
    for (let batch = 0; batch <= kills; batch++) {
      const plans = planBatch(batch, podsPerKill, random);
      const from = Date.now();
      await durapod.create(...plans.map((plan) => manifest(plan, directory)));
      let after = 'undisturbed';
      let killedAt = from;
      if (batch > 0) {
        const delay = random() * result.undisturbedMs;
        await sleep(Math.max(0, from + delay - Date.now()));
        killedAt = Date.now();
        durapod.kill(...victims);
        after = `killed ${victims.join(', ')} after ${Math.round(killedAt - from)} ms`;
        if (victims.includes('durapod')) {
          await durapod.ended();
          await durapod.up();
          after += `, up after ${Date.now() - killedAt} ms`;
        }
      }
      await untilAtRest(durapod, plans);
      const tookMs = Date.now() - killedAt;
      if (batch === 0) result.undisturbedMs = tookMs;
      else result.restMs.push(tookMs);
      const found = await judgeBatch(durapod, runtime, plans, directory, result);
      say?.(`${batch}: ${after}, at rest after ${tookMs} ms: ${found.length === 0 ? 'as planned' : found.join('; ')}`);
      await remove(durapod, plans);
    }
  } finally {
    await runtime.close();
  }
  return result;
}

async function podsOf(durapod: Durapod): Promise<Map<string, Pod>> {
  const list = await durapod.kubectl('get', '--raw', '/api/v1/namespaces/default/pods');
  if (list.code !== 0) return new Map();
  const { items } = JSON.parse(list.stdout) as { items: Pod[] };
  return new Map(items.map((pod) => [pod.metadata.name ?? '', pod]));
}

async function untilAtRest(durapod: Durapod, plans: PodPlan[]): Promise<void> {
  const until = Date.now() + STUCK_MS;
  while (Date.now() < until) {
    const pods = await podsOf(durapod);
    if (plans.every((plan) => atRest(expectedOf(plan), pods.get(plan.name)))) return;
    await sleep(POLL_MS);
  }
}

async function judgeBatch(
  durapod: Durapod,
  runtime: Runtime,
  plans: PodPlan[],
  directory: string,
  result: SoakResult,
): Promise<string[]> {
  const pods = await podsOf(durapod);
  const lines: string[] = [];
  for (const plan of plans) {
    const pod = pods.get(plan.name);
    const containers = pod ? await containersOf(runtime, pod) : [];
    const runs = countRuns(runsFile(directory, plan.name));
    const found = judge(expectedOf(plan), { pod, runs, containers });
    result.pods++;
    if (found.length === 0) {
      result.clean++;
      continue;
    }
    const said = await warnings(durapod, plan.name);
    const cutOff = areStartsCutOff(found, said);
    for (const { kind, detail } of found) {
      result.anomalies[kind]++;
      said.push(`${plan.name} (${plan.restartPolicy}) ${kind}: ${detail}`);
    }
    if (cutOff) result.cutOff++;
    else if (hasUnseenEnd(pod)) result.unseen++;
    else result.details.push(...said);
    lines.push(...said);
  }
  return lines;
}

/** The runtime may still be on its way back when its Pods, which went on without it, are at rest. */
async function containersOf(runtime: Runtime, pod: Pod): Promise<RuntimeContainer[]> {
  for (const until = Date.now() + STUCK_MS; ; await sleep(POLL_MS)) {
    try {
      return await runtime.listContainers({ podUid: pod.metadata.uid ?? '' });
    } catch (error) {
      if (!(error instanceof RuntimeError && error.transient) || Date.now() > until) throw error;
    }
  }
}

/** What durapod itself said of a Pod, for who looks for the cause. */
async function warnings(durapod: Durapod, name: string): Promise<string[]> {
  const field = `involvedObject.name=${name},type=Warning`;
  const template = '{range .items[*]}{.involvedObject.fieldPath} {.reason} {.message}{"\\n"}{end}';
  const output = await durapod.ok('get', 'events', '--field-selector', field, '-o', `jsonpath=${template}`);
  return output.split('\n').filter(Boolean);
}

function countRuns(file: string): Record<string, number> {
  const counts: Record<string, number> = {};
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // Nothing ran.
  }
  for (const name of text.split('\n').filter(Boolean)) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

async function remove(durapod: Durapod, plans: PodPlan[]): Promise<void> {
  await durapod.ok('delete', 'pods', ...plans.map((plan) => plan.name), '--timeout=60s');
}

/** The result as a Markdown table's row; `header` gives the lines above. */
export function row({ victims, pods, clean, anomalies, restMs, undisturbedMs }: SoakResult): string {
  const sorted = [...restMs].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const times = [undisturbedMs, median, sorted.at(-1) ?? 0].map(seconds);
  return `| ${[victims.join(' + '), pods, clean, ...ANOMALIES.map((kind) => anomalies[kind]), ...times].join(' | ')} |`;
}

export function header(): string {
  const columns = ['killed', 'Pods', 'as planned', ...ANOMALIES, 'undisturbed', 'median to rest', 'longest'];
  return `| ${columns.join(' | ')} |\n|${' --- |'.repeat(columns.length)}`;
}
