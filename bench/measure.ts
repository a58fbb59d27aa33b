/** The measurements. Floor and durapod take turns, so that a machine that slows down slows both. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { podWorkflowId } from '../pod/messages.ts';
import type { PodRef } from '../pod/types.ts';
import type { Runtime } from '../runtime/port.ts';
import type { ApiClient } from './api.ts';
import type { Floor } from './floor.ts';
import { endPod, startPod } from './pods.ts';
import { INITS } from './shape.ts';
import { type Summary, summarize } from './statistics.ts';

/** The same figure of both sides. */
export interface Pair<T> {
  floor: T;
  durapod: T;
}

export interface StartFigures {
  pods: number;
  /** From nothing to Ready (the floor: to the main container's start), in milliseconds. */
  start: Pair<Summary>;
  /** From the end of the first init container to the start of the second, in milliseconds. */
  gap: Pair<Summary>;
}

export interface Sides {
  floor: Floor;
  api: ApiClient;
}

/** Starts Pods one at a time, `pods` on each side. */
export async function measureStarts({ floor, api }: Sides, pods: number): Promise<StartFigures> {
  const starts: Pair<number[]> = { floor: [], durapod: [] };
  const gaps: Pair<number[]> = { floor: [], durapod: [] };
  for (let n = 0; n < pods; n++) {
    const bare = await floor.startPod();
    starts.floor.push(bare.ms);
    gaps.floor.push(await initGap(floor.runtime, bare.ref));
    await floor.endPod(bare);
    const pod = await startPod(api);
    starts.durapod.push(pod.ms);
    gaps.durapod.push(await initGap(floor.runtime, pod.ref));
    await endPod(api, pod);
  }
  return { pods, start: summarizeBoth(starts), gap: summarizeBoth(gaps) };
}

function summarizeBoth({ floor, durapod }: Pair<number[]>): Pair<Summary> {
  return { floor: summarize(floor), durapod: summarize(durapod) };
}

/** By the runtime's own clock, in milliseconds. */
async function initGap(runtime: Runtime, pod: PodRef): Promise<number> {
  const containers = await runtime.listContainers({ podUid: pod.uid });
  const [first, second] = await Promise.all(
    INITS.map(({ name }) => runtime.containerStatus(containers.find((c) => c.name === name)?.id ?? '')),
  );
  return milliseconds(second?.startedAt) - milliseconds(first?.finishedAt);
}

/** Of an RFC 3339 time with nanoseconds, which Date would cut. */
function milliseconds(time = ''): number {
  const [seconds, fraction = 'Z'] = time.split('.');
  return Date.parse(`${seconds}Z`) + Number(`0.${fraction.slice(0, -1)}`) * 1000;
}

export interface LivesFigure extends Pair<number> {
  parallel: number;
}

/** Whole lives a second, from nothing to gone again, `parallel` at a time; `pods` lives on each side in two turns. */
export async function measureLives({ floor, api }: Sides, parallel: number, pods: number): Promise<LivesFigure> {
  const seconds: Pair<number> = { floor: 0, durapod: 0 };
  const turn = Math.ceil(pods / 2);
  for (let n = 0; n < 2; n++) {
    seconds.floor += await inParallel(parallel, turn, async () => floor.endPod(await floor.startPod()));
    seconds.durapod += await inParallel(parallel, turn, async () => endPod(api, await startPod(api)));
  }
  return { parallel, floor: (2 * turn) / seconds.floor, durapod: (2 * turn) / seconds.durapod };
}

/** Resolves with the seconds it took. */
export async function inParallel(parallel: number, times: number, life: () => Promise<void>): Promise<number> {
  const from = performance.now();
  let left = times;
  const worker = async () => {
    while (left-- > 0) await life();
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return (performance.now() - from) / 1000;
}

export interface HistoryFigures {
  /** Events of a Pod's workflow when it has come to rest after its start. */
  toRunning: number;
  /** Events it adds at rest. */
  perHour: number;
}

/** What follows Ready (the end of the last workflow task) is counted too. */
export const SETTLE_MS = 1_000;

/** Starts one Pod, of `spec` where given, lets it rest and looks at its history; `atRest` runs while it is there. */
export async function measureHistory(
  { api }: Sides,
  temporal: Client,
  restSeconds: number,
  atRest: () => void,
  spec?: object,
): Promise<HistoryFigures> {
  const pod = await startPod(api, spec);
  const handle = temporal.workflow.getHandle(podWorkflowId(pod.ref));
  await sleep(SETTLE_MS);
  const { historyLength: toRunning } = await handle.describe();
  await sleep(restSeconds * 1000);
  const { historyLength: later } = await handle.describe();
  atRest();
  await endPod(api, pod);
  return { toRunning, perHour: ((later - toRunning) * 3600) / restSeconds };
}
