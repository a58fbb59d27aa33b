/** Sets up a Pod's volumes, and brings those that show the API's content up to date. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod, Volume } from '../../pod/types.ts';
import { writeAtomically } from './atomic-writer.ts';
import { collect } from './collect.ts';
import type { VolumeContext } from './context.ts';
import { inMemory, setUpEmptyDir } from './empty-dir.ts';
import { VolumeError } from './errors.ts';
import { setUpHostPath } from './host-path.ts';
import { isReadOnlyVolume, supportedKinds, volumeKind, volumePath } from './kinds.ts';
import { memoryVolumeSize } from './memory-size.ts';
import { nestedMountPoints } from './nested.ts';
import { serially } from './serially.ts';

/** Shows what the API has now. Secrets and tokens stay in memory. Resolves with true when something changed. */
async function project(path: string, pod: Pod, volume: Volume, ctx: VolumeContext): Promise<boolean> {
  const payload = await collect(pod, volume, ctx);
  if (volume.secret || volume.projected) {
    await inMemory(path, { sizeBytes: memoryVolumeSize(pod, undefined, ctx.allocatable), mode: 0o755 });
  } else {
    await mkdir(path, { recursive: true, mode: 0o755 });
  }
  for (const point of nestedMountPoints(pod, volume.name)) await mkdir(join(path, point), { recursive: true });
  return writeAtomically(path, payload, pod.spec.securityContext?.fsGroup);
}

async function setUp(pod: Pod, volume: Volume, ctx: VolumeContext): Promise<boolean> {
  const kind = volumeKind(volume);
  if ('unsupported' in kind) {
    throw new Error(`volume kind ${kind.unsupported} is not supported by durapod; use ${supportedKinds.join(', ')}`);
  }
  const path = volumePath(pod, volume.name, ctx.dirs);
  if (kind.kind === 'hostPath') await setUpHostPath(volume.hostPath!);
  else if (kind.kind === 'emptyDir') await setUpEmptyDir(path, pod, volume, ctx.allocatable);
  else return project(path, pod, volume, ctx);
  return false;
}

/** All volumes are tried, together; then the first failure, in the Pod's order, is thrown. */
async function setUpAll(pod: Pod, volumes: Volume[], ctx: VolumeContext): Promise<boolean> {
  const results = await Promise.allSettled(
    volumes.map((volume) =>
      setUp(pod, volume, ctx).catch((error: Error) => {
        throw new VolumeError(volume.name, error.message, { cause: error });
      }),
    ),
  );
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
  return results.some((result) => result.status === 'fulfilled' && result.value);
}

/** Makes every volume of the Pod ready to be mounted. Safe to repeat; content that is there stays. Throws VolumeError. */
export function prepareVolumes(pod: Pod, ctx: VolumeContext): Promise<void> {
  return serially(pod.metadata.uid!, async () => {
    await mkdir(ctx.dirs.volumesDir(pod.metadata.uid!), { recursive: true, mode: 0o750 });
    await setUpAll(pod, pod.spec.volumes ?? [], ctx);
  });
}

/**
 * Brings ConfigMaps, Secrets, tokens and the Pod's fields up to date in volumes that are set up. Resolves with true
 * when something changed. Throws VolumeError; what could not be read stays as it was.
 */
export function refreshVolumes(pod: Pod, ctx: VolumeContext): Promise<boolean> {
  const shown = (pod.spec.volumes ?? []).filter(isReadOnlyVolume);
  return serially(pod.metadata.uid!, () => setUpAll(pod, shown, ctx));
}
