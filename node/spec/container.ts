/** A container of a Pod as the runtime is asked for it, with the kubelet's semantics. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expand } from '../../pod/expand.ts';
import type { Container, EphemeralContainer, Pod } from '../../pod/types.ts';
import type { ContainerSpec } from '../../runtime/port.ts';
import type { ContainerContext } from './context.ts';
import { containerEnv } from './environment.ts';
import { containerAnnotations, containerLabels, podRef } from './labels.ts';
import { containerMounts } from './mounts.ts';
import { podNamespaces } from './namespaces.ts';
import { containerResources } from './resources.ts';
import { containerSecurity } from './security.ts';

/**
 * Reads what the container refers to and makes what it mounts (hosts file, termination log, log directory). Safe to
 * repeat. Throws ContainerConfigError when it cannot be configured as things stand; rejects with the reader's errors.
 */
export async function buildContainerSpec(
  pod: Pod,
  container: Container | EphemeralContainer,
  ctx: ContainerContext,
): Promise<ContainerSpec> {
  const security = containerSecurity(pod, container, ctx);
  const resources = containerResources(pod, container, ctx);
  const env = await containerEnv(pod, container, ctx);
  const mounts = await containerMounts(pod, container, env, ctx);
  await mkdir(join(ctx.dirs.podLogs(podRef(pod)), container.name), { recursive: true, mode: 0o755 });
  const stopSignal = container.lifecycle?.stopSignal;
  return {
    pod: podRef(pod),
    name: container.name,
    attempt: ctx.attempt,
    image: container.image ?? '',
    command: (container.command ?? []).map((text) => expand(text, env)),
    args: (container.args ?? []).map((text) => expand(text, env)),
    ...(container.workingDir && { workingDir: container.workingDir }),
    env: [...env].map(([name, value]) => ({ name, value })),
    mounts,
    labels: containerLabels(pod, container),
    annotations: containerAnnotations(pod, container, ctx.attempt),
    logPath: join(container.name, `${ctx.attempt}.log`),
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    resources,
    security,
    namespaces: { ...podNamespaces(pod), ...(ctx.targetContainerId && { pidTarget: ctx.targetContainerId }) },
    ...(stopSignal && { stopSignal }),
  };
}
