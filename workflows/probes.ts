/** What a node's probes of containers have found, taken into their records. */
import type { ProbeChanged } from '../pod/messages.ts';
import { effectivePolicy } from '../pod/restart.ts';
import type { ContainerView } from '../pod/view.ts';
import type { PodContext } from './context.ts';

export function takeProbe(ctx: PodContext, change: ProbeChanged): void {
  const { container, id, kind, ok, message } = change;
  const view = ctx.pod.containers.find((c) => c.name === container);
  const record = view && ctx.record(container);
  if (!view || !record) return;
  if (record.phase !== 'running' || record.id !== id) {
    // A probe may be quicker than the word of its container's start.
    if (ctx.version >= 2) ctx.earlyProbes.set(`${container} ${kind}`, change);
    return;
  }
  if (ctx.terminating && kind !== 'readiness') return;
  // Events of probes are the node's, which sees each of them.
  const name = `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
  if (!ok) ctx.note('Unhealthy', `${name} probe failed: ${message}`, container);
  if (kind === 'readiness') record.ready = ok;
  else if (!ok) {
    const graceSeconds = view.probeGrace?.[kind];
    const always = effectivePolicy(ctx.pod, view) !== 'Never';
    ctx.kills.set(container, { message: killing(view, kind, always), always, backsOff: true, graceSeconds });
  } else if (kind === 'startup') record.started = true;
  ctx.changed();
}

/** In the kubelet's words. */
function killing({ name, kind }: ContainerView, probe: ProbeChanged['kind'], always: boolean): string {
  if (kind === 'sidecar') return `Init container ${name} failed ${probe} probe`;
  return `Container ${name} failed ${probe} probe${always ? ', will be restarted' : ''}`;
}

/** What probes said of a container before it was known that it has started. Those of an earlier one are forgotten. */
export function takeEarlyProbes(ctx: PodContext, container: string): void {
  for (const [key, change] of ctx.earlyProbes) {
    if (change.container !== container) continue;
    ctx.earlyProbes.delete(key);
    if (change.id === ctx.record(container).id) takeProbe(ctx, change);
  }
}
