/** How a hook ended, for people: a failure is an event, and the timeline has each of them. */
import type { HookResult } from '../pod/contract.ts';
import type { PodContext } from './context.ts';

/** Writes down how a hook ended, and what it printed. */
export function hookEnded(
  ctx: PodContext,
  container: string,
  hook: 'PostStartHook' | 'PreStopHook',
  { ok, message, output }: HookResult,
): void {
  const details = [message, output && `it printed ${JSON.stringify(output)}`].filter(Boolean).join(', ');
  const text = `${hook} ${ok ? 'succeeded' : 'failed'}${details && `: ${details}`}`;
  if (ok) ctx.note(hook, text, container);
  else ctx.event('Warning', `Failed${hook}`, text, container);
}
