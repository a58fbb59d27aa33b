/** Simulated sandboxes: an address and a name for containers to share. */
import { type Runtime, RuntimeError } from '../port.ts';
import type { SimWorld } from './world.ts';

type Sandboxes = Pick<Runtime, 'runSandbox' | 'sandboxStatus' | 'listSandboxes' | 'stopSandbox' | 'removeSandbox'>;

export function sandboxes(world: SimWorld): Sandboxes {
  const stopSandbox: Sandboxes['stopSandbox'] = async (id) => {
    world.endSandbox(id);
    const inside = [...world.containers.values()].filter(({ sandboxId }) => sandboxId === id);
    await Promise.all(inside.map((container) => container.stop(0)));
  };

  return {
    stopSandbox,

    async runSandbox(spec) {
      const { pod, attempt } = spec;
      for (const { sandbox } of world.sandboxes.values())
        if (sandbox.pod.uid === pod.uid && sandbox.attempt === attempt)
          throw new RuntimeError(
            'AlreadyExists',
            `name "${pod.name}_${pod.uid}_${attempt}" is reserved for "${sandbox.id}"`,
          );
      const sandbox = {
        id: world.newId('sandbox'),
        pod,
        attempt,
        ready: true,
        createdAt: world.now(),
        ips: spec.namespaces.network === 'node' ? [] : [world.newIp()],
        labels: {
          ...spec.labels,
          'io.kubernetes.pod.name': pod.name,
          'io.kubernetes.pod.namespace': pod.namespace,
          'io.kubernetes.pod.uid': pod.uid,
        },
        annotations: spec.annotations,
      };
      world.sandboxes.set(sandbox.id, { spec, sandbox });
      world.emit({ type: 'started', id: sandbox.id, at: world.now() });
      return sandbox;
    },

    async sandboxStatus(id) {
      const entry = world.sandboxes.get(id);
      if (!entry) throw new RuntimeError('NotFound', `sandbox "${id}" not found`);
      return entry.sandbox;
    },

    async listSandboxes({ id, podUid, sandboxId = id, labels = {} }) {
      return [...world.sandboxes.values()]
        .map(({ sandbox }) => ({ ...sandbox, ips: [] }))
        .filter(
          (sandbox) =>
            (sandboxId === undefined || sandbox.id === sandboxId) &&
            (podUid === undefined || sandbox.pod.uid === podUid) &&
            Object.entries(labels).every(([name, value]) => sandbox.labels[name] === value),
        );
    },

    async removeSandbox(id) {
      await stopSandbox(id);
      const removed = [...world.containers.values()].filter(({ sandboxId }) => sandboxId === id);
      for (const container of removed) {
        world.containers.delete(container.id);
        world.emit({ type: 'deleted', id: container.id, at: world.now() });
      }
      if (world.sandboxes.delete(id)) world.emit({ type: 'deleted', id, at: world.now() });
    },
  };
}
