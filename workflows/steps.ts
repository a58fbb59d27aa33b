/** The single steps of a Pod's life beside its containers. */
import { condition } from '@temporalio/workflow';
import { goDuration } from '../pod/backoff.ts';
import type { SandboxResult } from '../pod/contract.ts';
import { phaseOf } from '../pod/phase.ts';
import { wantedBy } from '../pod/resize.ts';
import { kubeTime } from '../pod/time.ts';
import type { PodContext } from './context.ts';
import { orderFirst } from './start.ts';
import { stopAll } from './stop.ts';
import { control } from './world.ts';

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

/** Delays 1 s, 2 s, 4 s … 30 s. */
function retryDelay(tries: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** Math.min(tries, 10), LAST_RETRY_MS);
}

/** Finds a node and writes it into the Pod; waits as long as there is none. */
export async function bind(ctx: PodContext): Promise<void> {
  const { state } = ctx;
  const seen = () => `${ctx.pod.resourceVersion} ${ctx.calls}`;
  for (let tries = 0; !state.binding; tries++) {
    if (ctx.version >= 3 && ctx.pod.gated) {
      ctx.changed();
      await condition(() => !ctx.pod.gated);
    }
    let before = seen();
    const wasPut = ctx.pod.nodeName !== undefined;
    const result = await ctx.act(() => control.bindPod(ctx.ref));
    if (ctx.version < 3) before = seen();
    if ('gone' in result) {
      ctx.markGone();
      await condition(() => false);
    } else if ('binding' in result) {
      const { nodeName } = result.binding;
      state.binding = result.binding;
      state.allocated = wantedBy(state.view);
      state.unschedulable = undefined;
      state.view = { ...state.view, nodeName };
      state.startTime = kubeTime(Date.now());
      if (result.rejection) {
        // Said now, before its status, because the sequence of commands has events of this moment.
        ctx.event('Warning', result.rejection.reason, result.rejection.message);
        ctx.interrupt({ kind: 'rejected', ...result.rejection, said: true });
        await condition(() => false);
      }
      if (!wasPut) {
        ctx.event('Normal', 'Scheduled', `Successfully assigned ${ctx.pod.namespace}/${ctx.pod.name} to ${nodeName}`);
      }
    } else if ('unschedulable' in result) {
      if (state.unschedulable !== result.unschedulable) {
        ctx.event('Warning', 'FailedScheduling', result.unschedulable);
        state.unschedulable = result.unschedulable;
      }
      ctx.changed();
      await condition(() => seen() !== before, retryDelay(tries), { summary: 'Unschedulable' });
    }
    ctx.changed();
  }
}

/** The sandbox first: it holds the network and the volumes of all containers. */
export async function ensureSandbox(ctx: PodContext): Promise<void> {
  const { state } = ctx;
  for (let tries = 0; !state.sandbox; tries++) {
    const { calls } = ctx;
    const summary = state.sandboxAttempt === 0 ? 'sandbox' : `sandbox, attempt ${state.sandboxAttempt + 1}`;
    const made: Promise<SandboxResult> = ctx.act(() =>
      ctx.node.runSandbox.executeWithOptions({ summary }, [{ pod: ctx.ref, attempt: state.sandboxAttempt }]),
    );
    if (tries === 0) orderFirst(ctx);
    const result = await made;
    if (result.outcome === 'ready') {
      state.sandbox = { id: result.sandboxId, ips: result.ips };
      ctx.changed();
      return;
    }
    if (result.outcome === 'rejected') {
      ctx.interrupt({ kind: 'rejected', reason: result.reason, message: result.message });
      await condition(() => false);
    }
    ctx.event('Warning', result.reason, result.message);
    const delay = retryDelay(tries);
    await condition(() => ctx.calls !== calls, delay, { summary: `${result.reason} ${goDuration(delay)}` });
  }
}

/** Nothing will run any more: sidecars end, last started first, and the sandbox goes; dead containers keep their logs. */
export async function finish(ctx: PodContext): Promise<void> {
  const phase = phaseOf(ctx.pod, (name) => ctx.record(name));
  await stopAll(ctx);
  ctx.state.over = true;
  if (!ctx.state.verdict && phase !== 'Succeeded' && phase !== 'Failed') ctx.state.stopped = true;
  await ctx.act(() => ctx.node.stopSandbox.executeWithOptions({ summary: 'stop sandbox' }, [{ pod: ctx.ref }]));
  ctx.state.sandbox = undefined;
  ctx.changed();
}

/** Removes sandbox, containers, volumes and logs. */
export async function teardown(ctx: PodContext): Promise<void> {
  await ctx.act(() => ctx.node.removePod.executeWithOptions({ summary: 'remove everything' }, [{ pod: ctx.ref }]));
  ctx.state.sandbox = undefined;
  ctx.changed();
  await condition(() => ctx.quiet() || ctx.pod.deletion?.gone === true);
}

/** Takes the object out of the store; as long as finalizers keep it, waits for the next change. */
export async function removeObject(ctx: PodContext): Promise<void> {
  while (!ctx.pod.deletion?.gone) {
    const { gone } = await ctx.act(() => control.deletePod(ctx.ref));
    if (gone) return;
    const version = ctx.pod.resourceVersion;
    await condition(() => ctx.pod.deletion?.gone === true || ctx.pod.resourceVersion !== version);
  }
}
