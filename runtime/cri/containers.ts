/** Containers: create, start, stop, look, run a command in one. */
import { status } from '@grpc/grpc-js';

import { type ContainerSpec, type ContainerUsage, type Runtime, RuntimeError } from '../port.ts';
import { type CriClient, DEADLINES } from './client.ts';
import { goneIsDone, isServiceError } from './errors.ts';
import { toContainer, toContainerStatus } from './from-cri.ts';
import type { ContainerMessage, ContainerStatsMessage, ContainerStatusMessage } from './messages.ts';
import { containerConfig, linuxResources, listFilter, sandboxConfig } from './to-cri.ts';

const MAX_OUTPUT_BYTES = 16 * 1024;

type Containers = Pick<
  Runtime,
  | 'createContainer'
  | 'startContainer'
  | 'stopContainer'
  | 'removeContainer'
  | 'listContainers'
  | 'containerStatus'
  | 'updateResources'
  | 'execSync'
  | 'reopenLog'
  | 'usage'
>;

/** `unified` are the settings of each container's cgroup (see `unifiedSettings`). */
export function containers(client: CriClient, unified: Record<string, string>): Containers {
  const byId = (id: string) => ({ containerId: id });

  const stopContainer: Containers['stopContainer'] = async (id, graceSeconds) => {
    const timeout = Math.max(0, Math.ceil(graceSeconds));
    const deadlineMs = timeout * 1000 + DEADLINES.default;
    await goneIsDone(client.call('runtime', 'StopContainer', { containerId: id, timeout }, { deadlineMs }));
  };

  return {
    async createContainer(sandboxId, spec, sandbox) {
      const request = {
        podSandboxId: sandboxId,
        config: containerConfig(spec, unified),
        sandboxConfig: sandboxConfig(sandbox),
      };
      const { containerId } = await client.call<{ containerId: string }>('runtime', 'CreateContainer', request);
      if (spec.stopSignal !== undefined) await requireStopSignal(client, containerId, spec);
      return containerId;
    },

    async startContainer(id) {
      await client.call('runtime', 'StartContainer', byId(id));
    },

    stopContainer,

    async removeContainer(id) {
      const remove = () => goneIsDone(client.call('runtime', 'RemoveContainer', byId(id)));
      try {
        await remove();
      } catch (error) {
        // CRI wants a running container to be removed by force, which containerd before 1.7 leaves to the caller: also
        // in the milliseconds after an exit in which it still takes the container for running.
        if (!(error instanceof RuntimeError && /is still running/.test(error.message))) throw error;
        await stopContainer(id, 0);
        await remove();
      }
    },

    async listContainers(filter) {
      const request = listFilter(filter);
      const answer = await client.call<{ containers: ContainerMessage[] }>('runtime', 'ListContainers', request);
      return answer.containers.map(toContainer);
    },

    async containerStatus(id) {
      const { status, info } = await verboseStatus(client, id);
      return toContainerStatus(status, readDetails(info));
    },

    async updateResources(id, resources) {
      const request = { containerId: id, linux: linuxResources(resources, unified) };
      await client.call('runtime', 'UpdateContainerResources', request);
    },

    async execSync(id, command, timeoutMs) {
      // The runtime counts in whole seconds; the deadline cuts at the exact time, on which containerd kills the process.
      const request = { containerId: id, cmd: command, timeout: Math.ceil(timeoutMs / 1000) };
      try {
        const answer = await client.call<ExecSyncAnswer>('runtime', 'ExecSync', request, { deadlineMs: timeoutMs });
        const cut = (output: Buffer) => output.subarray(0, MAX_OUTPUT_BYTES).toString();
        return {
          exitCode: answer.exitCode,
          stdout: cut(answer.stdout),
          stderr: cut(answer.stderr),
          // CRI-O's way to say it.
          timedOut: answer.exitCode === -1 && /timed out/.test(cut(answer.stderr)),
        };
      } catch (error) {
        if (!isTimeout(error)) throw error;
        return { exitCode: -1, stdout: '', stderr: '', timedOut: true };
      }
    },

    async reopenLog(id) {
      await client.call('runtime', 'ReopenContainerLog', byId(id));
    },

    async usage(filter) {
      const request = listFilter(filter);
      const answer = await client.call<{ stats: ContainerStatsMessage[] }>('runtime', 'ListContainerStats', request);
      return new Map(
        answer.stats.flatMap((stats) => (stats.attributes ? [[stats.attributes.id, toUsage(stats)]] : [])),
      );
    },
  };
}

function toUsage({ memory, writableLayer }: ContainerStatsMessage): ContainerUsage {
  const number = (field: { value: string } | null | undefined) => (field ? Number(field.value) : undefined);
  return {
    memoryBytes: number(memory?.usageBytes),
    workingSetBytes: number(memory?.workingSetBytes),
    writtenBytes: number(writableLayer?.usedBytes),
    writtenInodes: number(writableLayer?.inodesUsed),
  };
}

interface ExecSyncAnswer {
  stdout: Buffer;
  stderr: Buffer;
  exitCode: number;
}

interface VerboseStatus {
  status: ContainerStatusMessage & { stopSignal?: number };
  info: Record<string, string>;
}

function verboseStatus(client: CriClient, id: string): Promise<VerboseStatus> {
  return client.call<VerboseStatus>('runtime', 'ContainerStatus', { containerId: id, verbose: true });
}

/** containerd and CRI-O put the same two names into the JSON of their verbose answers. */
function readDetails(info: Record<string, string>): { sandboxId: string; pid?: number } {
  const { sandboxID = '', pid } = JSON.parse(info.info ?? '{}') as { sandboxID?: string; pid?: number };
  return { sandboxId: sandboxID, ...(pid ? { pid } : {}) };
}

/** A runtime that does not know the field would silently stop the container with another signal. */
async function requireStopSignal(client: CriClient, id: string, spec: ContainerSpec): Promise<void> {
  const { status } = await verboseStatus(client, id);
  if (status.stopSignal) return;
  await goneIsDone(client.call('runtime', 'RemoveContainer', { containerId: id }));
  throw new RuntimeError(
    'Unsupported',
    `container ${spec.name}: the container runtime does not support a stop signal (${spec.stopSignal}); remove lifecycle.stopSignal or use containerd 2.1 or newer`,
  );
}

function isTimeout(error: unknown): boolean {
  if (!(error instanceof RuntimeError)) return false;
  const { cause } = error;
  return (
    isServiceError(cause) &&
    (cause.code === status.DEADLINE_EXCEEDED || /timeout .* exceeded|timed out/.test(cause.details))
  );
}
