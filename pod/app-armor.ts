/** AppArmor profiles were annotations before they were a field; which one a client writes must make no difference. */
import type { Container, KubeObject, Pod } from './types.ts';

type Profile = NonNullable<NonNullable<Container['securityContext']>['appArmorProfile']>;

/** What an annotation's key has before the name of its container. */
export const APPARMOR_CONTAINER = 'container.apparmor.security.beta.kubernetes.io/';
const LOCALHOST = 'localhost/';

/** A new Pod whose containers have as a field what annotations say of them, where they do not say it themselves. */
export function withAppArmorProfiles(pod: KubeObject): KubeObject {
  const { metadata, spec } = pod as Pod;
  const ofPod = spec.securityContext?.appArmorProfile;
  const withProfile = (container: Container): Container => {
    const profile = profileOf(metadata.annotations?.[APPARMOR_CONTAINER + container.name]);
    if (!profile || container.securityContext?.appArmorProfile || isSame(profile, ofPod)) return container;
    return { ...container, securityContext: { ...container.securityContext, appArmorProfile: profile } };
  };
  if (spec.os?.name === 'windows') return pod;
  return {
    ...pod,
    spec: {
      ...spec,
      ...(spec.initContainers && { initContainers: spec.initContainers.map(withProfile) }),
      containers: spec.containers.map(withProfile),
    },
  };
}

/** What is no profile is told by the validation of annotations. */
function profileOf(annotation = ''): Profile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  return annotation.startsWith(LOCALHOST)
    ? { type: 'Localhost', localhostProfile: annotation.slice(LOCALHOST.length) }
    : undefined;
}

const isSame = (a: Profile, b: Profile | undefined): boolean =>
  a.type === b?.type && a.localhostProfile === b.localhostProfile;
