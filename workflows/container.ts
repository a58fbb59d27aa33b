/** The life of one container: start, hook, wait for its end, decide, back off, again. */
import { ActivityCancellationType, CancellationScope, CancelledFailure, condition } from '@temporalio/workflow';
import type { StartResult } from '../pod/contract.ts';
import { type ContainerRecord, NO_BACKOFF } from '../pod/record.ts';
import { afterExit } from '../pod/restart.ts';
import { isMissing, nextTry, prepareRestart, untilDue } from './backoff.ts';
import type { PodContext } from './context.ts';
import { hookEnded } from './hook.ts';
import { ensurePulled } from './image.ts';
import { takeEarlyProbes } from './probes.ts';
import { startNow } from './start.ts';
import type { Kill } from './state.ts';
import { stopContainer } from './stop.ts';

type Started = Extract<StartResult, { outcome: 'started' }>;

/** A configuration error goes on by itself once what it misses is there: look again after 1 s, 2 s, … 10 s. */
const CONFIG_RETRY_MS = 1_000;

/** Lives a container's life from wherever its record stands, until it has ended for good. */
export async function live(ctx: PodContext, name: string): Promise<'done' | 'failed'> {
  for (;;) {
    begunOnlyIfWanted(ctx);
    const record = ctx.record(name);
    if (record.phase === 'waiting') {
      await start(ctx, name, record);
    } else if (record.phase === 'running') {
      await untilEnd(ctx, name, record);
    } else if (record.exit) {
      const kill = ctx.kills.get(name);
      ctx.kills.delete(name);
      const next = kill?.always ? 'restart' : afterExit(ctx.pod, ctx.view(name), record.exit);
      if (next === 'restart') prepareRestart(ctx, record, kill);
      else if (next === 'restart-all') await restartAll(ctx, name);
      else return next;
    }
  }
}

/** Asks for all containers to begin anew, and waits for that. */
async function restartAll(ctx: PodContext, name: string): Promise<void> {
  // In earlier sequences no sidecar was heard.
  if (ctx.version >= 3 || ctx.view(name).kind !== 'sidecar') {
    ctx.interrupt({ kind: 'restart', message: `container ${name} asked for all to restart`, keepSandbox: true });
  }
  await condition(() => false);
}

/** What waits for results alone would not notice that its scope was cancelled. */
function begunOnlyIfWanted(ctx: PodContext): void {
  if (ctx.version >= 3 && CancellationScope.current().consideredCancelled) {
    throw new CancelledFailure('nothing more is begun');
  }
}

async function start(ctx: PodContext, name: string, record: ContainerRecord): Promise<void> {
  await untilDue(ctx, name, record);
  const view = ctx.view(name);
  // The failures of an image are not its successor's.
  if (ctx.version >= 3 && record.image !== view.image) Object.assign(record, NO_BACKOFF);
  record.image = view.image;
  const { calls } = ctx;
  if (view.pullPolicy === 'Always' && !(await ensurePulled(ctx, name))) return;
  let result = await startNow(ctx, name, record);
  if (result.outcome === 'image-missing') {
    if (!(await ensurePulled(ctx, name))) return;
    result = await startNow(ctx, name, record);
  } else if (view.pullPolicy !== 'Always' && hadImage(result)) {
    ctx.event('Normal', 'Pulled', `Container image "${record.image}" already present on machine`, name);
  }
  await settle(ctx, name, record, result);
  // What was missing may have come meanwhile.
  if (isMissing(record) && ctx.calls !== calls) record.retryAt = Date.now();
}

function hadImage(result: StartResult): boolean {
  if (result.outcome === 'failed') return result.reason.startsWith('CreateContainer');
  return result.outcome !== 'not-yet';
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

const STARTED_AGAIN =
  'The container runtime was lost while the container was being started, and the container, which may have run already, with it: it was started once more';

function began(ctx: PodContext, name: string, record: ContainerRecord, result: Started): void {
  ctx.event('Normal', 'Created', 'Container created', name);
  if (result.again) ctx.event('Warning', 'Failed', STARTED_AGAIN, name);
  ctx.event('Normal', 'Started', 'Container started', name);
  Object.assign(record, { phase: 'running', id: result.id, imageId: result.imageId, waiting: undefined });
  record.exit = undefined;
  record.createBackoff = undefined;
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
      const retryAt = nextTry(ctx, record, CONFIG_RETRY_MS);
      record.retryAt = result.retry ? retryAt : Number.MAX_SAFE_INTEGER;
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
