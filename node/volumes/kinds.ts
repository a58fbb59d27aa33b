/** The kinds of volumes, and where a Pod's volumes are. Pure. */
import { join } from 'node:path';
import type { Pod, Volume } from '../../pod/types.ts';
import type { NodeDirs } from '../dirs.ts';

const supported = ['emptyDir', 'hostPath', 'configMap', 'secret', 'downwardAPI', 'projected'] as const;
export type VolumeKind = (typeof supported)[number];

/** Which kind the volume is; `unsupported` holds the name of one that durapod does not serve. */
export function volumeKind(volume: Volume): { kind: VolumeKind } | { unsupported: string } {
  const field = Object.keys(volume).find((key) => key !== 'name' && volume[key as keyof Volume] !== undefined);
  const kind = supported.find((name) => name === (field ?? 'emptyDir'));
  return kind ? { kind } : { unsupported: field! };
}

export const supportedKinds: readonly string[] = supported;

/** Volumes whose content comes from the API are never written by containers. */
export const isReadOnlyVolume = ({ configMap, secret, downwardAPI, projected }: Volume): boolean =>
  Boolean(configMap ?? secret ?? downwardAPI ?? projected);

/** Where the volume is on the host. Throws when the Pod has none of that name. */
export function volumePath(pod: Pod, name: string, dirs: NodeDirs): string {
  const volume = pod.spec.volumes?.find((candidate) => candidate.name === name);
  if (!volume) throw new Error(`Pod ${pod.metadata.namespace}/${pod.metadata.name} has no volume "${name}"`);
  return volume.hostPath ? volume.hostPath.path : join(dirs.volumesDir(pod.metadata.uid!), name);
}
