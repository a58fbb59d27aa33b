/** Users, privileges and profiles, of the Pod and of its containers. */
import { duplicate, type FieldError, forbidden, invalid, required, tooLong } from '../field-error.ts';
import type { Container, PodSpec } from '../types.ts';
import { descendingPath, each, inRange, oneOf, requiredOneOf } from './check.ts';

type ContainerSecurity = NonNullable<Container['securityContext']>;
type PodSecurity = NonNullable<PodSpec['securityContext']>;
type Profile = { type: string; localhostProfile?: string };

const MAX_ID = 2 ** 31 - 1;
const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const MAX_PROFILE = 4095;
const MAX_SYSCTL = 253;
const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;

const id = (path: string, value: number | undefined): FieldError[] => inRange(0, MAX_ID, path, value);

export function validateSecurityContext(
  context: ContainerSecurity | undefined,
  hostUsers: boolean,
  path: string,
): FieldError[] {
  if (!context) return [];
  const { allowPrivilegeEscalation, capabilities, privileged, procMount } = context;
  const noEscalation = allowPrivilegeEscalation === false;
  return [
    ...id(`${path}.runAsUser`, context.runAsUser),
    ...id(`${path}.runAsGroup`, context.runAsGroup),
    ...oneOf(['Default', 'Unmasked'], `${path}.procMount`, procMount),
    ...(procMount === 'Unmasked' && hostUsers
      ? [invalid(`${path}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`')]
      : []),
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...(noEscalation && privileged
      ? [invalid(path, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true')]
      : []),
    ...(noEscalation && capabilities?.add?.includes('CAP_SYS_ADMIN')
      ? [invalid(path, context, 'cannot set `allowPrivilegeEscalation` to false and add CAP_SYS_ADMIN')]
      : []),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
  ];
}

export function validatePodSecurity(spec: PodSpec): FieldError[] {
  const path = 'spec.securityContext';
  const context: PodSecurity = spec.securityContext ?? {};
  return [
    ...id(`${path}.fsGroup`, context.fsGroup),
    ...id(`${path}.runAsUser`, context.runAsUser),
    ...id(`${path}.runAsGroup`, context.runAsGroup),
    ...each(context.supplementalGroups, `${path}.supplementalGroups`, (group, at) => id(at, group)),
    ...(spec.shareProcessNamespace && spec.hostPID
      ? [invalid('spec.shareProcessNamespace', true, 'shareProcessNamespace and hostPID cannot both be enabled')]
      : []),
    ...validateSysctls(context.sysctls, spec, `${path}.sysctls`),
    ...oneOf(['Always', 'OnRootMismatch'], `${path}.fsGroupChangePolicy`, context.fsGroupChangePolicy),
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
    ...oneOf(['Merge', 'Strict'], `${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy),
    ...oneOf(['MountOption', 'Recursive'], `${path}.seLinuxChangePolicy`, context.seLinuxChangePolicy),
    ...validateHostUsers(spec),
  ];
}

/** A Pod in a user namespace of its own shares none of the host's others (KEP-127). */
const validateHostUsers = (spec: PodSpec): FieldError[] =>
  spec.hostUsers === false
    ? (['hostNetwork', 'hostPID', 'hostIPC'] as const).flatMap((name) =>
        spec[name] ? [forbidden(`spec.${name}`, 'when `hostUsers` is false')] : [],
      )
    : [];

function validateSysctls(sysctls: PodSecurity['sysctls'], spec: PodSpec, path: string): FieldError[] {
  const names = (sysctls ?? []).map((s) => s.name);
  return each(sysctls, path, ({ name }, at, index) => {
    const field = `${at}.name`;
    const namespace = sysctlNamespace(name ?? '');
    return [
      ...(!name
        ? [required(field)]
        : !SYSCTL.test(name) || name.length > MAX_SYSCTL
          ? [
              invalid(
                field,
                name,
                `must be at most ${MAX_SYSCTL} lower-case letters, digits, '-', '_', separated by '.' or '/' (e.g. net.ipv4.tcp_syncookies)`,
              ),
            ]
          : names.indexOf(name) < index
            ? [duplicate(field, name)]
            : []),
      ...(namespace === 'net' && spec.hostNetwork
        ? [invalid(field, name, "may not be specified when 'hostNetwork' is true")]
        : []),
      ...(namespace === 'ipc' && spec.hostIPC
        ? [invalid(field, name, "may not be specified when 'hostIPC' is true")]
        : []),
    ];
  });
}

/** The kernel namespace a sysctl belongs to. */
function sysctlNamespace(name: string): 'net' | 'ipc' | undefined {
  // After the first slash of a name written with slashes, a dot stands for itself: only the prefix matters here.
  const dotted = name.replaceAll('/', '.');
  if (dotted.startsWith('net.')) return 'net';
  return /^(kernel\.shm|kernel\.msg|kernel\.sem$|fs\.mqueue\.)/.test(dotted) ? 'ipc' : undefined;
}

function validateSeccomp(profile: Profile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  const at = `${path}.localhostProfile`;
  const file = profile.localhostProfile;
  return [
    ...requiredOneOf(PROFILE_TYPES, `${path}.type`, profile.type),
    ...(profile.type === 'Localhost'
      ? file === undefined
        ? [required(at, 'must be set when seccomp type is Localhost')]
        : descendingPath(at, file)
      : file !== undefined
        ? [invalid(at, file, 'can only be set when seccomp type is Localhost')]
        : []),
  ];
}

function validateAppArmor(profile: Profile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  const at = `${path}.localhostProfile`;
  const name = profile.localhostProfile;
  const named =
    profile.type !== 'Localhost'
      ? name !== undefined
        ? [invalid(at, name, 'can only be set when AppArmor type is Localhost')]
        : []
      : !name?.trim()
        ? [required(at, 'must be set when AppArmor type is Localhost')]
        : [
            ...(name.trim() === name ? [] : [invalid(at, name, 'must not be padded with whitespace')]),
            ...(name.length > MAX_PROFILE ? [tooLong(at, MAX_PROFILE)] : []),
          ];
  return [...requiredOneOf(PROFILE_TYPES, `${path}.type`, profile.type), ...named];
}
