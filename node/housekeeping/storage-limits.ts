/**
 * How much of the node's disk a Pod may use, and whether it uses more. Limits, their order and the words are the kubelet's:
 * https://kubernetes.io/docs/concepts/storage/ephemeral-storage/
 */
import { isSystemCritical } from '../../pod/priority.ts';
import { formatQuantity, parseQuantity, wholeValue } from '../../pod/quantity.ts';
import { effectiveResources } from '../../pod/resources.ts';
import type { Pod } from '../../pod/types.ts';

interface Limit {
  bytes: bigint;
  /** As it is shown. */
  text: string;
}
type NamedLimit = Limit & { name: string };

export interface StorageLimits {
  /** emptyDirs with a limit, in the Pod's order. */
  volumes: NamedLimit[];
  /** Of all containers together. */
  pod?: Limit;
  containers: NamedLimit[];
  /** emptyDirs on disk: they count to the Pod's use. */
  onDisk: string[];
}

/** Bytes in use. */
export interface StorageUsage {
  volumes: Map<string, number>;
  /** What each container wrote beside its mounts, and its logs. */
  containers: Map<string, number>;
}

function limitOf(text: string | undefined): Limit | undefined {
  if (text === undefined) return undefined;
  const quantity = parseQuantity(text);
  const bytes = wholeValue(quantity);
  return bytes > 0n ? { bytes, text: formatQuantity(quantity) } : undefined;
}

/** Names of the volumes that count to the Pod's use of the disk. */
export function emptyDirsOnDisk({ spec }: Pod): string[] {
  return (spec.volumes ?? [])
    .filter(({ emptyDir }) => emptyDir && emptyDir.medium !== 'Memory')
    .map(({ name }) => name);
}

/** The limits a Pod is held to; undefined when it has none. */
export function storageLimits(pod: Pod): StorageLimits | undefined {
  if (isSystemCritical(pod)) return undefined;
  const { spec } = pod;
  const emptyDirs = (spec.volumes ?? []).filter(({ emptyDir }) => emptyDir !== undefined);
  const named = (name: string, text: string | undefined): NamedLimit[] => {
    const limit = limitOf(text);
    return limit ? [{ name, ...limit }] : [];
  };
  const limits = {
    volumes: emptyDirs.flatMap(({ name, emptyDir }) => named(name, emptyDir?.sizeLimit)),
    pod: limitOf(effectiveResources(spec, 'limits')['ephemeral-storage']),
    containers: spec.containers.flatMap((c) => named(c.name, c.resources?.limits?.['ephemeral-storage'])),
    onDisk: emptyDirsOnDisk(pod),
  };
  return limits.volumes.length > 0 || limits.pod ? limits : undefined;
}

/** Why the Pod is to be evicted; undefined when it keeps to its limits. */
export function exceeded(limits: StorageLimits, usage: StorageUsage): string | undefined {
  const over = (used: number | undefined, { bytes }: Limit) => BigInt(used ?? 0) > bytes;
  const volume = limits.volumes.find((limit) => over(usage.volumes.get(limit.name), limit));
  if (volume) return `Usage of EmptyDir volume ${quote(volume.name)} exceeds the limit ${quote(volume.text)}. `;
  if (limits.pod && over(totalOf(limits, usage), limits.pod)) {
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${limits.pod.text}. `;
  }
  const container = limits.containers.find((limit) => over(usage.containers.get(limit.name), limit));
  if (!container) return undefined;
  return `Container ${container.name} exceeded its local ephemeral storage limit ${quote(container.text)}. `;
}

function totalOf({ onDisk }: StorageLimits, { volumes, containers }: StorageUsage): number {
  const ofVolumes = onDisk.reduce((sum, name) => sum + (volumes.get(name) ?? 0), 0);
  return containers.values().reduce((sum, bytes) => sum + bytes, ofVolumes);
}

function quote(text: string): string {
  return `"${text}"`;
}
