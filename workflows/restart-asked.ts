/** Restarts that somebody asks for: refused where nothing would come of them. */
import { ApplicationFailure } from '@temporalio/workflow';
import { isOver, phaseOf } from '../pod/phase.ts';
import { endedForGood } from '../pod/restart.ts';
import { reasonOf } from '../pod/status.ts';
import type { PodContext } from './context.ts';

/** Throws when the Pod runs nothing any more. */
export function validatePodRestart(ctx: PodContext): void {
  const { pod, state } = ctx;
  const refused = (why: string) => refusal('PodNotRunning', `pod "${pod.name}" ${why}`);
  if (pod.deletion) throw refused('is being deleted: create it again once it is gone');
  if (!state.over && !isOver(phaseOf(pod, (name) => recordOf(ctx, name)))) return;
  throw refused(`is over (${reasonOf(pod, state.records, ctx.facts())}): delete it and create it again`);
}

/** Throws when there is no such container, or a restart of it would not be one. */
export function validateContainerRestart(ctx: PodContext, name: string): void {
  const { containers } = ctx.pod;
  const view = containers.find((c) => c.name === name);
  if (!view) {
    const names = containers.map((c) => c.name).join(', ');
    throw refusal('Invalid', `container "${name}" not found; the Pod has: ${names}`);
  }
  validatePodRestart(ctx);
  const refused = (why: string) => refusal('ContainerNotRunning', `container "${name}" ${why}`);
  const record = recordOf(ctx, name);
  if (!record || (record.phase === 'waiting' && !record.waiting && !record.exit)) {
    throw refused('has not started yet: it starts when its turn comes');
  }
  if (!endedForGood(ctx.pod, view, record)) return;
  const ended = `has ended for good (${record.exit?.reason})`;
  if (view.kind === 'ephemeral') throw refused(`${ended}: add another ephemeral container`);
  throw refused(`${ended}: restart the Pod, which runs it again`);
}

/** A validator must leave everything as it is, so no record is made here. */
const recordOf = (ctx: PodContext, name: string) => ctx.state.records.find((r) => r.name === name);

const refusal = (type: string, message: string) => ApplicationFailure.nonRetryable(message, type);
