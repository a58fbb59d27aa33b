/** When the next attempt of a container comes: the back-off of restarts, and of tries that nothing came of. */
import { condition } from '@temporalio/workflow';
import {
  BACKOFF_INITIAL_MS,
  goDuration,
  type NextTry,
  probeRestartBackoff,
  restartBackoff,
  retryBackoff,
} from '../pod/backoff.ts';
import type { ContainerRecord } from '../pod/record.ts';
import { podTitle } from '../pod/view.ts';
import type { PodContext } from './context.ts';
import type { Kill } from './state.ts';

/** The kubelet looks again every ten seconds at a Pod that something is missing for. */
const LOOK_AGAIN_MS = 10_000;
/** How long ErrImagePull shows before it is called ImagePullBackOff. */
const ERR_IMAGE_PULL_MS = 1_000;

/** Puts the next attempt into the record, to start when the back-off is over. */
export function prepareRestart(ctx: PodContext, record: ContainerRecord, kill: Kill | undefined): void {
  const exit = record.exit;
  if (!exit) return;
  const endedAt = Date.parse(exit.finishedAt);
  // A new image, or a restart somebody asked for, does not wait for the failures of before.
  const atOnce = kill?.always && !kill.backsOff;
  const next = atOnce ? { backoffMs: 0, backoffAt: 0, retryAt: 0 } : backoffOf(ctx, record, endedAt, kill);
  record.last = { id: record.id, exit };
  record.attempt++;
  record.phase = 'waiting';
  record.waiting = exit.reason === 'StartError' ? { reason: 'RunContainerError', message: exit.message } : undefined;
  Object.assign(record, next);
  if (next.retryAt > Date.now()) {
    record.exit = undefined;
    const title = podTitle(ctx.pod);
    const wait = goDuration(next.retryAt - endedAt);
    record.waiting = {
      reason: 'CrashLoopBackOff',
      message: `back-off ${wait} restarting failed container=${record.name} pod=${title}`,
    };
    const message = `Back-off restarting failed container ${record.name} in pod ${title}`;
    ctx.event('Warning', 'BackOff', message, record.name);
  }
  ctx.changed();
}

function backoffOf(ctx: PodContext, record: ContainerRecord, endedAt: number, kill: Kill | undefined): NextTry {
  if (ctx.version < 2 || !kill?.backsOff) return restartBackoff(record, endedAt);
  return probeRestartBackoff(record, record.last && Date.parse(record.last.exit.finishedAt), endedAt);
}

/** Waits until the record's back-off is over; a new image, a call to restart or to look again ends the wait. */
export async function untilDue(ctx: PodContext, name: string, record: ContainerRecord): Promise<void> {
  const { calls } = ctx;
  const missing = isMissing(record);
  const called = () => missing && ctx.calls !== calls;
  const moved = () => ctx.view(name).image !== record.image || ctx.kills.has(name) || called();
  await waitForPull(ctx, name, record, moved);
  const wait = record.retryAt - Date.now();
  if (wait > 0 && !moved()) {
    const summary = `${record.waiting?.reason ?? 'back-off'} ${goDuration(Math.min(wait, 1e9))}, ${name}`;
    if (record.retryAt === Number.MAX_SAFE_INTEGER) await condition(moved);
    else await condition(moved, wait, { summary });
  }
  ctx.kills.delete(name);
}

/** Whether a container waits for an object that it names. */
export function isMissing(record: ContainerRecord): boolean {
  return record.phase === 'waiting' && record.waiting?.reason === 'CreateContainerConfigError';
}

/** When to try again, in ms since the epoch, what failed because something is not there. It may come at any time. */
export function nextTry(ctx: PodContext, record: ContainerRecord, initialMs = BACKOFF_INITIAL_MS): number {
  const kind = ctx.version < 3 ? 'pullBackoff' : 'createBackoff';
  const before = record[kind] ?? { backoffMs: 0, backoffAt: 0 };
  const next = retryBackoff(before, Date.now(), initialMs, ctx.version < 3 ? undefined : LOOK_AGAIN_MS);
  record[kind] = next;
  return next.retryAt;
}

/** After a failed pull: shows ErrImagePull for a moment, then ImagePullBackOff. */
async function waitForPull(
  ctx: PodContext,
  name: string,
  record: ContainerRecord,
  moved: () => boolean,
): Promise<void> {
  if (record.waiting?.reason !== 'ErrImagePull') return;
  await condition(moved, ERR_IMAGE_PULL_MS, { summary: `ErrImagePull, ${name}` });
  if (moved()) return;
  const message = `Back-off pulling image "${record.image}"`;
  ctx.event('Normal', 'BackOff', message, name);
  ctx.event('Warning', 'Failed', 'Error: ImagePullBackOff', name);
  record.waiting = { reason: 'ImagePullBackOff', message: `${message}: ${record.waiting.message ?? ''}` };
  ctx.changed();
}
