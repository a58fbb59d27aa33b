/** Ending containers: preStop, the stop signal, and SIGKILL at the deadline. */
import { ActivityCancellationType, CancellationScope, condition } from '@temporalio/workflow';
import type { Exit } from '../pod/record.ts';
import type { PodContext } from './context.ts';
import { hookEnded } from './hook.ts';

/** However long the hook took, a container has this long to end by itself, as with the kubelet. */
const MINIMUM_GRACE_MS = 2_000;

/**
 * Ends a running container and resolves with how it ended. `deadline` (ms since the epoch) may come nearer meanwhile:
 * a second deletion with a shorter grace period takes effect at once. A stop signal that has to wait for others' ends
 * comes with its `turn`.
 */
export async function stopContainer(
  ctx: PodContext,
  name: string,
  message: string,
  deadline: () => number,
  turn?: Promise<unknown>,
): Promise<Exit> {
  const record = ctx.record(name);
  const containerId = record.id ?? '';
  ctx.event('Normal', 'Killing', message, name);
  return ctx.act(async () => {
    if (ctx.view(name).preStop && mayHook(ctx, deadline)) await preStop(ctx, name, containerId, deadline);
    if (turn) {
      await turn;
      const ended = ctx.exitOf(record);
      if (ended) return ended;
    }
    let exit: Exit | undefined;
    const stop = async (at: number) => {
      const result = await ctx.node.stopContainer.executeWithOptions({ summary: `stop ${name}` }, [
        { pod: ctx.ref, containerId, deadline: new Date(at).toISOString() },
      ]);
      exit ??= result;
    };
    const earliest = Date.now() + MINIMUM_GRACE_MS;
    const due = () => Math.max(deadline(), earliest);
    let killAt = due();
    const stops = [stop(killAt)];
    while (!exit) {
      await Promise.race([...stops, condition(() => due() < killAt)]);
      if (exit || due() >= killAt) continue;
      killAt = due();
      stops.push(stop(killAt));
    }
    await Promise.all(stops);
    return ctx.exitOf(record) ?? exit;
  });
}

/** No grace period, no hook: as with the kubelet. */
function mayHook(ctx: PodContext, deadline: () => number): boolean {
  return ctx.version < 3 || deadline() > Date.now();
}

async function preStop(ctx: PodContext, name: string, containerId: string, deadline: () => number): Promise<void> {
  const hook = new CancellationScope({ cancellable: true });
  const run = hook.run(() =>
    ctx.node.runHook.executeWithOptions(
      { summary: `${name} preStop`, cancellationType: ActivityCancellationType.TRY_CANCEL },
      [
        {
          pod: ctx.ref,
          container: name,
          containerId,
          podIPs: ctx.state.sandbox?.ips ?? [],
          hook: 'preStop',
          deadline: new Date(deadline()).toISOString(),
        },
      ],
    ),
  );
  const first = deadline();
  const result = await Promise.race([run, condition(() => deadline() < first).then(() => undefined)]);
  if (result === undefined) {
    hook.cancel();
    await run.catch(() => undefined);
    ctx.note('PreStopHook', 'PreStopHook cut short: the grace period was shortened', name);
  } else {
    hookEnded(ctx, name, 'PreStopHook', result);
  }
}

/**
 * Ends everything that runs: main and ephemeral containers at once, then sidecars in reverse order of their start, whose
 * hooks begin with the others' (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/). A deletion's
 * grace period takes the place of the given one, also when it comes meanwhile.
 */
export async function stopAll(ctx: PodContext, graceSeconds = ctx.pod.graceSeconds): Promise<void> {
  const at = Date.now();
  const deadline = () => at + (ctx.pod.deletion?.graceSeconds ?? graceSeconds) * 1000;
  const running = (kinds: string[]) =>
    ctx.pod.containers.filter((c) => kinds.includes(c.kind) && ctx.record(c.name).phase === 'running');
  const end = async (name: string, turn?: Promise<unknown>) => {
    const record = ctx.record(name);
    const message = `Stopping container ${name}`;
    ctx.ended(record, ctx.exitOf(record) ?? (await stopContainer(ctx, name, message, deadline, turn)));
  };
  const others: Promise<unknown> = Promise.all(running(['init', 'main', 'ephemeral']).map((c) => end(c.name)));
  if (ctx.version < 3) await others;
  let before = others;
  for (const { name } of running(['sidecar']).reverse()) {
    if (ctx.version < 3) await end(name);
    else before = Promise.all([before, end(name, before)]);
  }
  await before;
}
