/**
 * In-place resize: what the Pod wants is asked of its node's room, then given to the containers that run: by an update,
 * or by a restart where their resizePolicy says so. A resize that finds no room waits, and goes on by itself.
 */
import { condition } from '@temporalio/workflow';
import { goDuration } from '../pod/backoff.ts';
import { lowersMemory, resizeMessage, restartsFor, toResize, wantedBy, wantsResize } from '../pod/resize.ts';
import type { ContainerView } from '../pod/view.ts';
import type { PodContext } from './context.ts';
import { control } from './world.ts';

const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 60_000;

/** Serves resizes as long as the Pod's ordinary life goes on; costs nothing while there is none. */
export async function resizing(ctx: PodContext): Promise<never> {
  const { state } = ctx;
  for (let tries = 0; ; ) {
    const retries = state.pending?.reason === 'Deferred' || state.resizing?.error !== undefined;
    if (retries) {
      const delay = Math.min(FIRST_RETRY_MS * 2 ** Math.min(tries++, 10), LAST_RETRY_MS);
      const summary = `resize ${state.resizing?.error ? 'failed' : 'Deferred'}, again in ${goDuration(delay)}`;
      if (await condition(() => hasWork(ctx), delay, { summary })) tries = 0;
    } else {
      tries = 0;
      await condition(() => hasWork(ctx));
    }
    if (state.over) await condition(() => false);
    if (!wantsResize(ctx.pod, state)) withdraw(ctx);
    else if (isNew(ctx) || state.pending?.reason === 'Deferred') await allocate(ctx);
    await actuate(ctx);
  }
}

/** There is something to do that did not just fail. */
function hasWork(ctx: PodContext): boolean {
  const { resizing } = ctx.state;
  return isNew(ctx) || (resizing?.error === undefined && (resizing !== undefined || stale(ctx).length > 0));
}

/** The Pod wants something that was neither granted nor refused, or no longer wants what was refused. */
function isNew({ pod, state }: PodContext): boolean {
  return wantsResize(pod, state) ? state.pending?.generation !== (pod.generation ?? 0) : state.pending !== undefined;
}

/** The running containers that do not have what they were granted, without those that end anyway. */
function stale({ pod, state, kills }: PodContext): ContainerView[] {
  return toResize(pod, state.records, state).filter(({ name }) => !kills.has(name));
}

function withdraw(ctx: PodContext): void {
  if (!ctx.state.pending) return;
  ctx.state.pending = undefined;
  ctx.changed();
}

async function allocate(ctx: PodContext): Promise<void> {
  const { state, pod } = ctx;
  const wanted = wantedBy(pod) ?? {};
  const generation = pod.generation ?? 0;
  const nodeName = state.binding?.nodeName ?? '';
  const result = await ctx.act(() => control.admitResize({ pod: ctx.ref, nodeName, wanted }));
  ctx.changed();
  if ('gone' in result) return ctx.markGone();
  if ('refusal' in result) {
    const { reason, message } = result.refusal;
    const isSaid = state.pending?.generation === generation && state.pending.reason === reason;
    state.pending = { reason, message, generation };
    if (!isSaid) ctx.event('Warning', `Resize${reason}`, resizeMessage(reason, pod, wanted, generation, message));
    return;
  }
  state.pending = undefined;
  state.allocated = wanted;
  state.resizing = { generation };
  ctx.event('Normal', 'ResizeStarted', resizeMessage('started', pod, wanted, generation));
}

/** Gives the containers that run what they were granted. */
async function actuate(ctx: PodContext): Promise<void> {
  const { state } = ctx;
  const { allocated = {} } = state;
  const restarts = (c: ContainerView) => restartsFor(c, allocated[c.name] ?? {}, ctx.record(c.name).resources);
  const found = stale(ctx);
  for (const { name } of found.filter(restarts)) {
    ctx.kills.set(name, { message: `Container ${name} resize requires restart`, always: true });
  }
  const updates = found.filter((c) => !restarts(c));
  if (updates.length > 0 && !(await update(ctx, updates))) return;
  await condition(() => isNew(ctx) || toResize(ctx.pod, state.records, state).length === 0);
  if (isNew(ctx) || !state.resizing) return;
  const { generation } = state.resizing;
  state.resizing = undefined;
  ctx.event('Normal', 'ResizeCompleted', resizeMessage('completed', ctx.pod, state.allocated ?? {}, generation));
  ctx.changed();
}

/** Has containers updated in place. False when they could not be now; the Pod's condition then says why. */
async function update(ctx: PodContext, updates: ContainerView[]): Promise<boolean> {
  const { state } = ctx;
  const { allocated = {} } = state;
  const containers = updates.map(({ name }) => {
    const { id: containerId = '', resources: has } = ctx.record(name);
    const resources = allocated[name] ?? {};
    return { container: name, containerId, resources, lowersMemory: lowersMemory(resources, has) };
  });
  const summary = `resize ${containers.map((c) => c.container).join(', ')}`;
  const { updated, error } = await ctx.act(() =>
    ctx.node.resizeContainers.executeWithOptions({ summary }, [{ pod: ctx.ref, containers }]),
  );
  for (const { container, containerId, resources } of containers) {
    const record = ctx.record(container);
    if (updated.includes(container) && record.id === containerId) record.resources = resources;
  }
  ctx.changed();
  const generation = state.resizing?.generation ?? ctx.pod.generation ?? 0;
  if (error === undefined) {
    if (state.resizing) state.resizing = { generation };
    return true;
  }
  const isSaid = state.resizing?.error === error;
  state.resizing = { generation, error };
  if (!isSaid) ctx.event('Warning', 'ResizeError', resizeMessage('error', ctx.pod, allocated, generation, error));
  return false;
}
