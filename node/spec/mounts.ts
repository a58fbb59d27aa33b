/** What is mounted into a container: its volumes, /etc/hosts and the file for its termination message. */
import { chmod, mkdir, open } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { expand } from '../../pod/expand.ts';
import type { Container, Pod } from '../../pod/types.ts';
import type { Mount } from '../../runtime/port.ts';
import { isReadOnlyVolume, volumePath } from '../volumes/kinds.ts';
import { prepareSubPath } from '../volumes/sub-path.ts';
import type { ContainerContext } from './context.ts';
import { ContainerConfigError } from './errors.ts';
import { writeHostsFile } from './hosts-file.ts';

type Context = Pick<ContainerContext, 'attempt' | 'dirs' | 'podIPs'>;
type WithMounts = Pick<Container, 'name' | 'volumeMounts' | 'volumeDevices' | 'terminationMessagePath'>;
type VolumeMount = NonNullable<Container['volumeMounts']>[number];

const absolute = (path: string): string => (isAbsolute(path) ? path : `/${path}`);

/** The part of the volume that is wanted; empty for all of it. Throws where a variable of subPathExpr has no value. */
function subPath(mount: VolumeMount, env: ReadonlyMap<string, string>): string {
  if (!mount.subPathExpr) return mount.subPath ?? '';
  const names = [...mount.subPathExpr.matchAll(/\$\$|\$\(([^)]*)\)/g)].flatMap(([, name]) => name ?? []);
  const missing = [...new Set(names.filter((name) => !env.get(name)))].sort();
  if (missing.length > 0) throw new ContainerConfigError(`missing value for ${missing.join(', ')}`);
  return expand(mount.subPathExpr, env);
}

function propagation({ mountPropagation }: VolumeMount): Mount['propagation'] {
  switch (mountPropagation) {
    case 'HostToContainer':
      return 'hostToContainer';
    case 'Bidirectional':
      return 'bidirectional';
    default:
      return 'private';
  }
}

/** KEP-3857: what is mounted below a mount stays writable, which only `Enabled` does not put up with. */
function refuseUnsupported({ name, recursiveReadOnly }: VolumeMount): void {
  if (recursiveReadOnly !== 'Enabled') return;
  throw new ContainerConfigError(
    `volume "${name}" requested recursive read-only mode, but it is not supported by durapod; use IfPossible`,
  );
}

async function volumeMount(
  pod: Pod,
  container: WithMounts,
  index: number,
  env: ReadonlyMap<string, string>,
  ctx: Context,
): Promise<Mount> {
  const mount = container.volumeMounts![index]!;
  const volume = pod.spec.volumes?.find(({ name }) => name === mount.name);
  if (!volume) {
    throw new ContainerConfigError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
  }
  const whole = volumePath(pod, mount.name, ctx.dirs);
  const part = subPath(mount, env);
  refuseUnsupported(mount);
  const target = join(ctx.dirs.subPathDir(pod.metadata.uid!, mount.name, container.name), String(index));
  return {
    containerPath: absolute(mount.mountPath),
    hostPath: part === '' ? whole : await bindSubPath(whole, part, target, mount.name, container.name),
    readonly: (mount.readOnly ?? false) || isReadOnlyVolume(volume),
    propagation: propagation(mount),
  };
}

async function bindSubPath(whole: string, part: string, target: string, volume: string, container: string) {
  try {
    return await prepareSubPath(whole, part, target);
  } catch (error) {
    throw new ContainerConfigError(
      `failed to prepare subPath for volumeMount "${volume}" of container "${container}": ${(error as Error).message}`,
    );
  }
}

/** The file is made once for an attempt and kept: a repeated call must not empty what the container has written. */
async function terminationLogMount(pod: Pod, container: WithMounts, ctx: Context): Promise<Mount[]> {
  if (!container.terminationMessagePath) return [];
  const uid = pod.metadata.uid!;
  const path = ctx.dirs.terminationLog(uid, container.name, ctx.attempt);
  await mkdir(ctx.dirs.containerDir(uid, container.name), { recursive: true, mode: 0o750 });
  await (await open(path, 'a')).close();
  await chmod(path, 0o666);
  const containerPath = absolute(container.terminationMessagePath);
  return [{ containerPath, hostPath: path, readonly: false, propagation: 'private' }];
}

async function hostsMount(pod: Pod, container: WithMounts, ctx: Context): Promise<Mount[]> {
  const isTaken = container.volumeMounts?.some(({ mountPath }) => mountPath === '/etc/hosts');
  if (isTaken || (ctx.podIPs.length === 0 && !pod.spec.hostNetwork)) return [];
  const path = ctx.dirs.hostsFile(pod.metadata.uid!);
  await writeHostsFile(path, pod, ctx.podIPs);
  return [{ containerPath: '/etc/hosts', hostPath: path, readonly: false, propagation: 'private' }];
}

/**
 * All mounts of a container, with what has to exist for them made. Volumes must be prepared before. (/etc/hostname
 * and /etc/resolv.conf are the runtime's.) Throws ContainerConfigError.
 */
export async function containerMounts(
  pod: Pod,
  container: WithMounts,
  env: ReadonlyMap<string, string>,
  ctx: Context,
): Promise<Mount[]> {
  if (container.volumeDevices?.length) {
    throw new ContainerConfigError(
      `container "${container.name}": volumeDevices (raw block volumes) are not supported by durapod; use volumeMounts`,
    );
  }
  const mounts: Mount[] = [];
  for (const index of (container.volumeMounts ?? []).keys()) {
    mounts.push(await volumeMount(pod, container, index, env, ctx));
  }
  return [...mounts, ...(await hostsMount(pod, container, ctx)), ...(await terminationLogMount(pod, container, ctx))];
}
