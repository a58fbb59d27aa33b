/** A container's effective security context (Kubernetes docs: "Configure a Security Context"). Pure. */
import { join } from 'node:path';
import type { Container, Pod } from '../../pod/types.ts';
import type { ContainerSpec, SecurityProfile } from '../../runtime/port.ts';
import type { ContainerContext } from './context.ts';
import { ContainerConfigError } from './errors.ts';

type Context = Pick<ContainerContext, 'image' | 'dirs'>;
type WithSecurity = Pick<Container, 'name' | 'securityContext'>;

const MAX_ID = 2 ** 31 - 1;

/** Groups beside the primary one: that of the volumes first. */
export function supplementalGroups({ spec }: Pod): number[] {
  const { fsGroup, supplementalGroups = [] } = spec.securityContext ?? {};
  return [...(fsGroup === undefined ? [] : [fsGroup]), ...supplementalGroups];
}

/** The user the image asks for; an image that asks for none runs as root. */
function imageUser(image: ContainerContext['image']): { uid?: number; username?: string } {
  if (image?.uid !== undefined) return { uid: image.uid };
  return image?.username ? { username: image.username } : { uid: 0 };
}

/** Throws ContainerConfigError where runAsNonRoot is broken, or cannot be checked because the image names its user. */
function verifyNonRoot(pod: Pod, container: WithSecurity, image: ContainerContext['image']): void {
  const { metadata, spec } = pod;
  if (!(container.securityContext?.runAsNonRoot ?? spec.securityContext?.runAsNonRoot)) return;
  const where = `(pod: "${metadata.name}_${metadata.namespace}(${metadata.uid})", container: ${container.name})`;
  const fail = (what: string): never => {
    throw new ContainerConfigError(`${what} ${where}`);
  };
  const runAsUser = container.securityContext?.runAsUser ?? spec.securityContext?.runAsUser;
  if (runAsUser === 0) fail(`container's runAsUser breaks non-root policy`);
  if (runAsUser !== undefined) return;
  const { uid, username } = imageUser(image);
  if (uid === undefined) {
    fail(`container has runAsNonRoot and image has non-numeric user (${username}), cannot verify user is non-root`);
  }
  if (uid === 0) fail('container has runAsNonRoot and image will run as root');
  if (uid! < 0 || uid! > MAX_ID) {
    fail(`container has runAsNonRoot and image has an invalid user id (${uid}); it must be from 1 to ${MAX_ID}`);
  }
}

function seccompProfile(pod: Pod, container: WithSecurity, ctx: Context): SecurityProfile {
  const profile = container.securityContext?.seccompProfile ?? pod.spec.securityContext?.seccompProfile;
  switch (profile?.type) {
    case undefined:
      return { type: 'Unconfined' };
    case 'RuntimeDefault':
    case 'Unconfined':
      return { type: profile!.type as SecurityProfile['type'] };
    case 'Localhost':
      return { type: 'Localhost', localhostRef: localhostProfile(profile!.localhostProfile, ctx) };
    default:
      throw new ContainerConfigError(`seccompProfile.type "${profile!.type}" is not supported; use RuntimeDefault`);
  }
}

function localhostProfile(file: string | undefined, { dirs }: Context): string {
  if (!file || file.startsWith('/') || file.split('/').includes('..')) {
    throw new ContainerConfigError(
      `seccompProfile.localhostProfile must be a relative path without ".." below ${dirs.seccompProfiles}`,
    );
  }
  return join(dirs.seccompProfiles, file);
}

/** Throws for confinement that was asked for and that durapod does not have the runtime apply. */
function refuseUnsupported(pod: Pod, container: WithSecurity): void {
  const appArmor = container.securityContext?.appArmorProfile ?? pod.spec.securityContext?.appArmorProfile;
  if (appArmor && appArmor.type !== 'Unconfined') {
    throw new ContainerConfigError(
      `Cannot enforce AppArmor: appArmorProfile.type ${appArmor.type} is not supported by durapod; use Unconfined`,
    );
  }
}

/** What the container may do. Its own settings come before the Pod's. Throws ContainerConfigError. */
export function containerSecurity(pod: Pod, container: WithSecurity, ctx: Context): ContainerSpec['security'] {
  refuseUnsupported(pod, container);
  verifyNonRoot(pod, container, ctx.image);
  const own = container.securityContext ?? {};
  const ofPod = pod.spec.securityContext ?? {};
  const asked = own.runAsUser ?? ofPod.runAsUser;
  const user = asked === undefined ? imageUser(ctx.image) : { uid: asked };
  const runAsGroup = own.runAsGroup ?? ofPod.runAsGroup;
  const seLinux = own.seLinuxOptions ?? ofPod.seLinuxOptions;
  const policy = ofPod.supplementalGroupsPolicy as 'Merge' | 'Strict' | undefined;
  return {
    privileged: own.privileged ?? false,
    readonlyRootfs: own.readOnlyRootFilesystem ?? false,
    // Only an explicit false: privileged and CAP_SYS_ADMIN containers may not say it (validation).
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    addCapabilities: own.capabilities?.add ?? [],
    dropCapabilities: own.capabilities?.drop ?? [],
    ...(user.uid !== undefined && { runAsUser: user.uid }),
    ...(user.username !== undefined && { runAsUsername: user.username }),
    ...(runAsGroup !== undefined && { runAsGroup }),
    supplementalGroups: supplementalGroups(pod),
    ...(policy && { supplementalGroupsPolicy: policy }),
    seccomp: seccompProfile(pod, container, ctx),
    ...(seLinux && { seLinux }),
    unmaskedProc: own.procMount === 'Unmasked',
  };
}
