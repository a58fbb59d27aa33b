/** The life of one container: start, hook, wait for its end, decide, back off, again. */
import { ActivityCancellationType, condition } from '@temporalio/workflow';
import { goDuration, type NextTry, probeRestartBackoff, restartBackoff, retryBackoff } from '../pod/backoff.ts';
import type { StartResult } from '../pod/contract.ts';
import type { ContainerRecord } from '../pod/record.ts';
import { type AfterExit, afterExit } from '../pod/restart.ts';
import { podTitle } from '../pod/view.ts';
import type { Kill, PodContext } from './context.ts';
import { hookEnded } from './hook.ts';
import { ensurePulled, waitForPull } from './image.ts';
import { takeEarlyProbes } from './probes.ts';
import { startNow } from './start.ts';
import { stopContainer } from './stop.ts';

type Started = Extract<StartResult, { outcome: 'started' }>;

/** A configuration error goes on by itself once what it misses is there: look again after 1 s, 2 s, … */
const CONFIG_RETRY_MS = 1_000;

/** Lives a container's life from wherever its record stands, until it has ended for good. */
export async function live(ctx: PodContext, name: string): Promise<Exclude<AfterExit, 'restart'>> {
  for (;;) {
    const record = ctx.record(name);
    if (record.phase === 'waiting') {
      await start(ctx, name, record);
    } else if (record.phase === 'running') {
      await untilEnd(ctx, name, record);
    } else if (record.exit) {
      const kill = ctx.kills.get(name);
      ctx.kills.delete(name);
      const next = kill?.always ? 'restart' : afterExit(ctx.pod, ctx.view(name), record.exit);
      if (next !== 'restart') return next;
      prepareRestart(ctx, record, kill);
    }
  }
}

async function start(ctx: PodContext, name: string, record: ContainerRecord): Promise<void> {
  await untilDue(ctx, name, record);
  const view = ctx.view(name);
  record.image = view.image;
  if (view.pullPolicy === 'Always' && !(await ensurePulled(ctx, name))) return;
  let result = await startNow(ctx, name, record);
  if (result.outcome === 'image-missing') {
    if (!(await ensurePulled(ctx, name))) return;
    result = await startNow(ctx, name, record);
  } else if (view.pullPolicy !== 'Always' && hadImage(result)) {
    ctx.event('Normal', 'Pulled', `Container image "${record.image}" already present on machine`, name);
  }
  await settle(ctx, name, record, result);
}

function hadImage(result: StartResult): boolean {
  return result.outcome !== 'failed' || result.reason.startsWith('CreateContainer');
}

/**
 * Starts that were ordered ahead, when the ordinary life stops short of their turn: what did start is the Pod's, and
 * ends with the rest.
 */
export async function takeOrdered(ctx: PodContext): Promise<void> {
  for (const [name, { image, result }] of ctx.ordered) {
    const came = await result;
    if (came.outcome === 'started') began(ctx, name, Object.assign(ctx.record(name), { image }), came);
  }
  ctx.ordered.clear();
}

function began(ctx: PodContext, name: string, record: ContainerRecord, result: Started): void {
  ctx.event('Normal', 'Created', 'Container created', name);
  ctx.event('Normal', 'Started', 'Container started', name);
  Object.assign(record, { phase: 'running', id: result.id, imageId: result.imageId, waiting: undefined });
  record.exit = undefined;
  if (result.exit) ctx.ended(record, result.exit, result.startedAt);
  else takeEarlyProbes(ctx, name);
  ctx.changed();
}

/** Takes the outcome of a start into the record. */
async function settle(ctx: PodContext, name: string, record: ContainerRecord, result: StartResult): Promise<void> {
  ctx.changed();
  switch (result.outcome) {
    case 'started':
      began(ctx, name, record, result);
      if (result.exit) return;
      if (ctx.view(name).postStart && !(await postStart(ctx, name, record))) return;
      record.startedAt = result.startedAt;
      // A probe may have succeeded while the hook ran.
      record.started ||= !ctx.view(name).probes.startup;
      record.ready ||= !ctx.view(name).probes.readiness;
      return ctx.changed();
    case 'start-error':
      ctx.event('Normal', 'Created', 'Container created', name);
      ctx.event('Warning', 'Failed', `Error: ${result.exit.message ?? result.exit.reason}`, name);
      Object.assign(record, { id: result.id, imageId: result.imageId });
      return ctx.ended(record, result.exit);
    case 'image-missing':
    case 'not-yet':
      // Gone between its pull and the start: look again at once.
      return;
    case 'failed': {
      const { reason, message } = result;
      const ofImage = reason === 'InvalidImageName' || reason === 'ImageInspectError';
      if (ofImage) ctx.event('Warning', 'InspectFailed', message, name);
      ctx.event('Warning', 'Failed', `Error: ${ofImage ? reason : message}`, name);
      record.waiting = { reason, message };
      const next = retryBackoff(record.pullBackoff, Date.now(), CONFIG_RETRY_MS);
      record.pullBackoff = next;
      record.retryAt = result.retry ? next.retryAt : Number.MAX_SAFE_INTEGER;
    }
  }
}

/** The container is not Running until its hook has succeeded; a hook that fails ends the container. */
async function postStart(ctx: PodContext, name: string, record: ContainerRecord): Promise<boolean> {
  const result = await ctx.counted(() =>
    ctx.node.runHook.executeWithOptions(
      { summary: `${name} postStart`, cancellationType: ActivityCancellationType.TRY_CANCEL },
      [
        {
          pod: ctx.ref,
          container: name,
          containerId: record.id ?? '',
          podIPs: ctx.state.sandbox?.ips ?? [],
          hook: 'postStart',
        },
      ],
    ),
  );
  hookEnded(ctx, name, 'PostStartHook', result);
  if (!result.ok && !ctx.exitOf(record)) ctx.kills.set(name, { message: 'FailedPostStartHook', always: false });
  return result.ok;
}

/** Waits for the end of a running container, or brings it about when its image changed or a probe asks for it. */
async function untilEnd(ctx: PodContext, name: string, record: ContainerRecord): Promise<void> {
  const imageChanged = () => ctx.view(name).image !== record.image && ctx.view(name).kind !== 'init';
  await condition(() => ctx.exitOf(record) !== undefined || ctx.kills.has(name) || imageChanged());
  let exit = ctx.exitOf(record);
  if (!exit) {
    if (imageChanged()) {
      ctx.kills.set(name, { message: `Container ${name} definition changed, will be restarted`, always: true });
    }
    const kill = ctx.kills.get(name) as Kill;
    const deadline = Date.now() + (kill.graceSeconds ?? ctx.pod.graceSeconds) * 1000;
    exit = await stopContainer(ctx, name, kill.message, () => deadline);
  }
  ctx.ended(record, exit);
}

/** Puts the next attempt into the record, to start when the back-off is over. */
function prepareRestart(ctx: PodContext, record: ContainerRecord, kill: Kill | undefined): void {
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

/** Waits until the record's back-off is over; a new image or a call to restart ends the wait. */
async function untilDue(ctx: PodContext, name: string, record: ContainerRecord): Promise<void> {
  const moved = () => ctx.view(name).image !== record.image || ctx.kills.has(name);
  await waitForPull(ctx, name, record, moved);
  const wait = record.retryAt - Date.now();
  if (wait > 0 && !moved()) {
    const summary = `${record.waiting?.reason ?? 'back-off'} ${goDuration(Math.min(wait, 1e9))}, ${name}`;
    if (record.retryAt === Number.MAX_SAFE_INTEGER) await condition(moved);
    else await condition(moved, wait, { summary });
  }
  ctx.kills.delete(name);
}
