/** The driver for any runtime that speaks CRI v1 on a unix socket: containerd 1.6 and newer, CRI-O. */
import type { Runtime, RuntimeInfo } from '../port.ts';
import { unifiedSettings } from './cgroup.ts';
import { CriClient } from './client.ts';
import { containers } from './containers.ts';
import { events } from './events.ts';
import { images } from './images.ts';
import { writeContainerFile } from './rooted-file.ts';
import { sandboxes } from './sandboxes.ts';
import { streaming } from './streaming.ts';

export interface CriOptions {
  /** Path of the runtime's unix socket. */
  socket: string;
}

interface StatusMessage {
  status: { conditions: { type: string; status: boolean; reason: string; message: string }[] };
  features: { supplementalGroupsPolicy: boolean } | null;
}

/** Connects to a runtime and asks it for its version. Throws Unavailable when nobody answers, Unsupported without CRI v1. */
export async function openCriRuntime({ socket }: CriOptions): Promise<Runtime> {
  const unified = await unifiedSettings();
  const client = new CriClient(socket);
  const ofContainers = containers(client, unified);
  try {
    await version(client);
  } catch (error) {
    client.close();
    throw error;
  }

  return {
    ...sandboxes(client),
    ...ofContainers,
    ...images(client),
    ...streaming(client),
    ...events(client),

    async info() {
      const [{ runtimeName, runtimeVersion }, status] = await Promise.all([
        version(client),
        client.call<StatusMessage>('runtime', 'Status', {}),
      ]);
      return toInfo(runtimeName, runtimeVersion, status);
    },

    async writeFile(id, path, content, mode) {
      await writeContainerFile(await ofContainers.containerStatus(id), path, content, mode);
    },

    async close() {
      client.close();
    },
  };
}

function version(client: CriClient): Promise<{ runtimeName: string; runtimeVersion: string }> {
  return client.call('runtime', 'Version', {}, { deadlineMs: 10_000 });
}

function toInfo(name: string, version: string, { status, features }: StatusMessage): RuntimeInfo {
  const { conditions } = status;
  const is = (type: string) => conditions.some((condition) => condition.type === type && condition.status);
  const problems = conditions
    .filter((condition) => !condition.status && /^(Runtime|Network)Ready$/.test(condition.type))
    .map(({ type, reason, message }) => `${type} is false: ${[reason, message].filter(Boolean).join(': ')}`);
  const info: RuntimeInfo = {
    name,
    version,
    simulated: false,
    ready: is('RuntimeReady'),
    networkReady: is('NetworkReady'),
    supplementalGroupsPolicy: features?.supplementalGroupsPolicy ?? false,
  };
  if (problems.length > 0) info.message = problems.join('; ');
  return info;
}
