import { buildSandboxSpec } from '../node/spec/sandbox.ts';
import type { Pod } from '../pod/types.ts';
import type { SandboxSpec } from '../runtime/port.ts';
import type { NodeContext } from './node-context.ts';

/** A Pod's sandbox as the runtime is asked for it; its containers need no handler. Throws SandboxConfigError. */
export function sandboxSpec(
  { dirs, resolvConf }: NodeContext,
  pod: Pod,
  attempt: number,
  runtimeHandler?: string,
): SandboxSpec {
  return buildSandboxSpec(pod, { attempt, dirs, resolvConf, runtimeHandler });
}
