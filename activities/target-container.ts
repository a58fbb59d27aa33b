/** Whose processes an ephemeral container sees (Kubernetes docs, "Ephemeral Containers": `targetContainerName`). */
import { ContainerConfigError } from '../node/spec/errors.ts';
import type { Container, EphemeralContainer, Pod } from '../pod/types.ts';
import type { Runtime } from '../runtime/port.ts';

/** The runtime's id of the target, where the container has one. Throws ContainerConfigError while it does not run. */
export async function targetContainerId(
  runtime: Pick<Runtime, 'listContainers'>,
  pod: Pod,
  container: Container | EphemeralContainer,
): Promise<string | undefined> {
  const target = 'targetContainerName' in container ? container.targetContainerName : undefined;
  if (!target) return undefined;
  const containers = await runtime.listContainers({ podUid: pod.metadata.uid ?? '' });
  const running = containers.find((c) => c.name === target && c.state === 'running');
  if (!running) throw new ContainerConfigError(`the target container "${target}" does not run`);
  return running.id;
}
