/**
 * Starts, as ordered from the node. In a new Pod they are ordered ahead of their turn: while one step is under way, the
 * start behind it is decided, recorded and sent to the node, which holds it until that step has succeeded. The way
 * through Temporal is so hidden behind the step. An order that its turn did not come for in time comes back as
 * `not-yet`, and is given again when it does.
 */
import type { StartResult } from '../pod/contract.ts';
import type { ContainerRecord } from '../pod/record.ts';
import type { ContainerView } from '../pod/view.ts';
import type { PodContext } from './context.ts';

/** Exits of init containers are often quick: a start that waits so long saves a signal and a workflow task. */
const LINGER_MS = 250;

/** Has a container's attempt started, now that it is its turn. */
export async function startNow(ctx: PodContext, name: string, record: ContainerRecord): Promise<StartResult> {
  const early = ctx.ordered.get(name);
  const started = early?.result ?? order(ctx, name);
  if (early) record.image = early.image;
  orderNext(ctx, name);
  const result = await started;
  ctx.ordered.delete(name);
  if (result.outcome !== 'not-yet') return result;
  record.image = ctx.view(name).image;
  return order(ctx, name);
}

/** Orders what starts first in a new Pod, while its sandbox is made. */
export function orderFirst(ctx: PodContext): void {
  for (const c of inTurn(ctx, 0)) orderAhead(ctx, c);
}

/** Orders what starts behind an init container, while that one starts. */
function orderNext(ctx: PodContext, name: string): void {
  const { containers } = ctx.pod;
  const index = containers.findIndex((c) => c.name === name);
  const { kind, restartRules } = containers[index] as ContainerView;
  if (kind !== 'init' || restartRules.length > 0 || ctx.record(name).attempt > 0) return;
  for (const c of inTurn(ctx, index + 1)) orderAhead(ctx, c, name);
}

/** The next init container from an index on, or all main ones. */
function inTurn(ctx: PodContext, from: number): ContainerView[] {
  const rest = ctx.pod.containers.slice(from);
  const init = rest.find((c) => c.kind === 'init' || c.kind === 'sidecar');
  return init ? [init] : rest.filter((c) => c.kind === 'main');
}

/** Only in a Pod's first life, and only what needs nothing but a start. */
function orderAhead(ctx: PodContext, { name, image, pullPolicy }: ContainerView, after?: string): void {
  const { phase, attempt } = ctx.record(name);
  const isNew = ctx.state.sandboxAttempt === 0 && phase === 'waiting' && attempt === 0;
  if (ctx.version < 2 || !isNew || pullPolicy === 'Always') return;
  const result = order(ctx, name, after).then((came) => {
    if (came.outcome === 'not-yet') ctx.ordered.delete(name);
    return came;
  });
  ctx.ordered.set(name, { image, result });
}

function order(ctx: PodContext, name: string, after?: string): Promise<StartResult> {
  const { sandbox, sandboxAttempt } = ctx.state;
  const { kind, image } = ctx.view(name);
  const record = ctx.record(name);
  const { attempt } = record;
  record.resources = ctx.state.allocated?.[name];
  const inits = ctx.pod.containers.filter((c) => c.kind === 'init' || c.kind === 'sidecar');
  const index = inits.findIndex((c) => c.name === name);
  const place = index < 0 ? '' : `init ${index + 1}/${inits.length} `;
  return ctx.act(() =>
    ctx.node.startContainer.executeWithOptions({ summary: `${place}${name}, attempt ${attempt + 1}` }, [
      {
        pod: ctx.ref,
        container: name,
        image,
        attempt,
        sandboxAttempt,
        ...(sandbox && { sandboxId: sandbox.id, podIPs: sandbox.ips }),
        ...(after !== undefined && { after }),
        lingerMs: kind === 'init' ? LINGER_MS : 0,
        ...(record.resources && { resources: record.resources }),
      },
    ]),
  );
}
