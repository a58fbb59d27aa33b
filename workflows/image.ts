/** Pulling an image for a container, with the kubelet's back-off and reasons. */
import { retryBackoff } from '../pod/backoff.ts';
import type { ContainerRecord } from '../pod/record.ts';
import { nextTry } from './backoff.ts';
import type { PodContext } from './context.ts';

/** Pulls the image of a container. False when it cannot be had now: the record then says why, and when to try again. */
export async function ensurePulled(ctx: PodContext, name: string): Promise<boolean> {
  const record = ctx.record(name);
  const { image } = record;
  if (ctx.view(name).pullPolicy === 'Never') {
    const message = `Container image "${image}" is not present with pull policy of Never`;
    ctx.event('Warning', 'ErrImageNeverPull', message, name);
    return refuse(ctx, record, 'ErrImageNeverPull', message, nextTry(ctx, record));
  }
  ctx.event('Normal', 'Pulling', `Pulling image "${image}"`, name);
  const result = await ctx.counted(() =>
    ctx.node.pullImage.executeWithOptions({ summary: `pull ${image} for ${name}` }, [
      { pod: ctx.ref, container: name, image },
    ]),
  );
  if (result.outcome === 'pulled') {
    record.pullBackoff = { backoffMs: 0, backoffAt: 0 };
    const took = `${(result.ms / 1000).toFixed(3)}s`;
    const message = `Successfully pulled image "${image}" in ${took}. Image size: ${result.sizeBytes} bytes.`;
    ctx.event('Normal', 'Pulled', message, name);
    return true;
  }
  ctx.event('Warning', 'Failed', `Failed to pull image "${image}": ${result.message}`, name);
  const next = retryBackoff(record.pullBackoff, Date.now());
  record.pullBackoff = next;
  // What no repeat can mend (a name that is no image's) waits for another image.
  return refuse(ctx, record, result.reason, result.message, result.retry ? next.retryAt : Number.MAX_SAFE_INTEGER);
}

function refuse(ctx: PodContext, record: ContainerRecord, reason: string, message: string, retryAt: number): false {
  ctx.event('Warning', 'Failed', `Error: ${reason}`, record.name);
  record.waiting = { reason, message };
  record.retryAt = retryAt;
  ctx.changed();
  return false;
}
