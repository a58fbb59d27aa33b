import { buildSandboxSpec } from '../node/spec/sandbox.ts';
import type { Pod } from '../pod/types.ts';
import type { SandboxSpec } from '../runtime/port.ts';
import type { NodeContext } from './node-context.ts';

/** A Pod's sandbox as the runtime is asked for it. Throws SandboxConfigError. */
export function sandboxSpec(node: NodeContext, pod: Pod, attempt: number): SandboxSpec {
  return buildSandboxSpec(pod, { attempt, dirs: node.dirs, resolvConf: node.resolvConf });
}
