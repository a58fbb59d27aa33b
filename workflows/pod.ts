/**
 * A Pod's life as a workflow, from top to bottom: bind to a node, sandbox, init containers in order, main containers in
 * parallel, run until told otherwise, terminate. Every step looks at the carried state first, so that a new run
 * (continue-as-new) goes on from anywhere. It ends when the Pod's object is gone.
 */
import { CancellationScope, condition, continueAsNew, isCancellation } from '@temporalio/workflow';
import { POD_WORKFLOW_VERSION } from '../pod/messages.ts';
import { initDone, isOver, phaseOf } from '../pod/phase.ts';
import { type ContainerRecord, restartRecords } from '../pod/record.ts';
import { endStands, mayRestartPod } from '../pod/restart.ts';
import type { ContainerView } from '../pod/view.ts';
import { live, takeOrdered } from './container.ts';
import { PodContext } from './context.ts';
import { createFiles } from './files.ts';
import { handleMessages } from './messages.ts';
import { resizing } from './resize.ts';
import { type Interruption, initialState, type PodInput } from './state.ts';
import { bind, ensureSandbox, finish, removeObject, teardown } from './steps.ts';
import { stopAll } from './stop.ts';

const DEADLINE_EXCEEDED = 'Pod was active on the node longer than the specified deadline';
/** What a Pod that uses too much gets to end in, whatever its own grace period is: the kubelet's. */
const EVICTION_GRACE_SECONDS = 1;

export async function podWorkflow(input: PodInput): Promise<void> {
  const ctx = new PodContext(input, input.state ?? initialState(input.view));
  handleMessages(ctx);
  inBackground(ctx.publishing());
  inBackground(createFiles(ctx));
  for (;;) {
    const why = await untilInterrupted(ctx, () => lifeOf(ctx));
    switch (why.kind) {
      case 'continue-as-new':
        // What came meanwhile is published, or carried over; whoever came to wait for an answer gets it in this run.
        await condition(() => ctx.settled());
        if (!ctx.quiet()) break;
        return continueAsNew<typeof podWorkflow>({ ...input, version: POD_WORKFLOW_VERSION, state: ctx.carried() });
      case 'deleted':
        await terminate(ctx);
        return ctx.end();
      case 'deadline':
        ctx.event('Normal', 'DeadlineExceeded', DEADLINE_EXCEEDED);
        await fail(ctx, 'DeadlineExceeded', DEADLINE_EXCEEDED);
        break;
      case 'rejected':
        if (!why.said) ctx.event('Warning', why.reason, why.message);
        ctx.state.rejected = ctx.state.sandboxAttempt === 0;
        await fail(ctx, why.reason, `Pod was rejected: ${why.message}`);
        break;
      case 'evicted':
        ctx.event('Warning', 'Evicted', why.message);
        ctx.state.disrupted = why.byPressure;
        await fail(ctx, 'Evicted', why.message, EVICTION_GRACE_SECONDS);
        break;
      case 'sandbox-lost':
        await replaceSandbox(ctx, why.message);
        break;
      case 'restart':
        await restart(ctx, why);
    }
  }
}

/** The ordinary life. Resolves only by being interrupted: a Pod that finished waits for its deletion. */
async function lifeOf(ctx: PodContext): Promise<void> {
  if (!ctx.state.over) {
    await bind(ctx);
    inBackground(deadline(ctx));
    inBackground(resizing(ctx));
    await ensureSandbox(ctx);
    if (ctx.version < 3) await containers(ctx);
    else {
      const scope = new CancellationScope({ cancellable: true });
      await scope.run(() => containers(ctx));
      // Sidecars and ephemeral containers begin nothing more.
      await cutOff(ctx, scope);
    }
    await finish(ctx);
  }
  await condition(() => false);
}

/** Init containers one after the other, then the main ones together, until all have ended for good. */
async function containers(ctx: PodContext): Promise<void> {
  inBackground(ephemeralContainers(ctx));
  for (const c of ctx.pod.containers) {
    if (c.kind === 'sidecar') {
      inBackground(live(ctx, c.name));
      const started = () => ctx.record(c.name).phase === 'running' && ctx.record(c.name).started;
      if (!mainsBegan(ctx)) await condition(started);
    } else if (c.kind === 'init' && !initDone(c, ctx.record(c.name))) {
      if ((await live(ctx, c.name)) === 'failed') return;
    }
  }
  ctx.state.mainsBegan = true;
  const mains = ctx.pod.containers.filter((c) => c.kind === 'main');
  await Promise.all(mains.map((c) => live(ctx, c.name)));
}

/** Main containers are not held back by a sidecar that restarts later on. */
function mainsBegan(ctx: PodContext): boolean {
  if (ctx.version >= 3) return ctx.state.mainsBegan ?? false;
  const mains = ctx.pod.containers.filter((c) => c.kind === 'main').map((c) => ctx.record(c.name));
  return mains.some(({ phase, last }) => phase !== 'waiting' || last);
}

/** Ephemeral containers come by update, at any time, and live beside the others. */
async function ephemeralContainers(ctx: PodContext): Promise<void> {
  const begun = new Set<string>();
  const next = () => ctx.pod.containers.find((c) => c.kind === 'ephemeral' && !begun.has(c.name));
  for (;;) {
    await condition(() => next() !== undefined);
    const name = next()?.name as string;
    begun.add(name);
    inBackground(live(ctx, name));
  }
}

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/: activeDeadlineSeconds counts from startTime. */
async function deadline(ctx: PodContext): Promise<void> {
  for (;;) {
    const seconds = ctx.pod.activeDeadlineSeconds;
    const moved = () => ctx.pod.activeDeadlineSeconds !== seconds;
    if (seconds === undefined) {
      await condition(moved);
      continue;
    }
    const left = Date.parse(ctx.state.startTime ?? '') + seconds * 1000 - Date.now();
    if (left > 0 && (await condition(moved, left, { summary: `activeDeadlineSeconds ${seconds}` }))) continue;
    if (!ctx.state.over) ctx.interrupt({ kind: 'deadline' });
    return;
  }
}

/** Runs `life` in a scope of its own until something interrupts it; what is under way is then brought to its end. */
async function untilInterrupted(ctx: PodContext, life: () => Promise<void>): Promise<Interruption> {
  const scope = new CancellationScope({ cancellable: true });
  const running = scope.run(life);
  await Promise.race([running, condition(() => ctx.interruption() !== undefined)]);
  const why = ctx.interruption() as Interruption;
  ctx.clearInterruption();
  await cutOff(ctx, scope, running);
  return why;
}

/** Begins nothing more in a scope, and brings to its end what is under way. */
async function cutOff(ctx: PodContext, scope: CancellationScope, running = Promise.resolve()): Promise<void> {
  scope.cancel();
  await running.catch(ignoreCancellation);
  await condition(() => ctx.idle());
  await takeOrdered(ctx);
}

async function terminate(ctx: PodContext): Promise<void> {
  ctx.terminating = true;
  ctx.changed();
  await stopAll(ctx);
  if (!ctx.state.over) ctx.state.stopped = true;
  ctx.state.over = true;
  ctx.changed();
  if (ctx.state.binding) await teardown(ctx);
  await removeObject(ctx);
}

async function fail(ctx: PodContext, reason: string, message: string, graceSeconds?: number): Promise<void> {
  ctx.state.verdict = { reason, message };
  ctx.state.over = true;
  ctx.changed();
  await stopAll(ctx, graceSeconds);
  await finish(ctx);
}

/** The sandbox is lost: all init containers run again in a new one, unless restartPolicy Never lost a running container. */
async function replaceSandbox(ctx: PodContext, message: string): Promise<void> {
  if (ctx.state.over) return;
  if (ctx.version >= 3 && hasEnded(ctx)) return finish(ctx);
  ctx.event('Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
  const may = mayRestartPod(ctx.pod, ctx.state.records);
  await stopAll(ctx);
  if (!may) {
    ctx.event('Warning', 'SandboxLost', `${message}; restartPolicy Never: what ran does not run again`);
    ctx.state.stopped = true;
    return finish(ctx);
  }
  renew(ctx, { sandboxLost: true });
}

/** No container is left to run. */
function hasEnded(ctx: PodContext): boolean {
  return isOver(phaseOf(ctx.pod, (name) => ctx.record(name)));
}

async function restart(ctx: PodContext, why: { message: string; keepSandbox: boolean }): Promise<void> {
  if (ctx.state.over) return;
  ctx.event('Normal', 'Restarting', why.message);
  if (why.keepSandbox && ctx.version >= 3) {
    ctx.restartingAll = true;
    ctx.changed();
    // A rule that restarts all containers in their sandbox leaves them no time: KEP-5532.
    await stopAll(ctx, 0);
    ctx.restartingAll = false;
  } else {
    await stopAll(ctx);
  }
  renew(ctx, why);
}

function renew(ctx: PodContext, { keepSandbox = false, sandboxLost = false }): void {
  const { pod } = ctx;
  const stands =
    ctx.version < 3 ? undefined : (c: ContainerView, r: ContainerRecord) => endStands(pod, c, r, sandboxLost);
  ctx.state.records = restartRecords(pod, ctx.state.records, stands);
  ctx.state.mainsBegan = false;
  if (!keepSandbox) {
    ctx.state.sandbox = undefined;
    ctx.state.sandboxAttempt++;
  }
  ctx.changed();
}

/** Coroutines that end with their scope: their cancellation is no failure; anything else stops the workflow task. */
function inBackground(coroutine: Promise<unknown>): void {
  coroutine.catch(ignoreCancellation);
}

function ignoreCancellation(error: unknown): void {
  if (!isCancellation(error)) throw error;
}
