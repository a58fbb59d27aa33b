/** What a Pod's containers take of their node. */
import { join } from 'node:path';
import type { PodRef } from '../../pod/types.ts';
import type { Runtime } from '../../runtime/port.ts';
import type { NodeDirs } from '../dirs.ts';
import { type DiskUsage, diskUsage } from './disk-usage.ts';

export interface ContainerUse {
  name: string;
  /** Bytes, without what the kernel would take back first. */
  memory: number;
  /** The newest attempt's own files, and the logs of all that are kept. */
  disk: DiskUsage;
}

export interface UsageContext {
  runtime: Pick<Runtime, 'listContainers' | 'usage'>;
  dirs: NodeDirs;
}

export async function containersUsage({ runtime, dirs }: UsageContext, pod: PodRef): Promise<ContainerUse[]> {
  const [containers, usage] = await Promise.all([
    runtime.listContainers({ podUid: pod.uid }),
    runtime.usage({ podUid: pod.uid }),
  ]);
  const newest = new Map(containers.toSorted((a, b) => a.attempt - b.attempt).map(({ name, id }) => [name, id]));
  const uses: ContainerUse[] = [];
  for (const [name, id] of newest) {
    const { workingSetBytes = 0, writtenBytes = 0, writtenInodes = 0 } = usage.get(id) ?? {};
    const logs = await diskUsage(join(dirs.podLogs(pod), name));
    const disk = { bytes: writtenBytes + logs.bytes, inodes: writtenInodes + logs.inodes };
    uses.push({ name, memory: workingSetBytes, disk });
  }
  return uses;
}
