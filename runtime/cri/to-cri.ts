/** The port's specs as CRI messages. */
import type { PodRef } from '../../pod/types.ts';
import {
  type ContainerResources,
  type ContainerSpec,
  type Filter,
  type NamespaceMode,
  RuntimeError,
  type SandboxSpec,
  type SecurityProfile,
} from '../port.ts';
import { runtimeImageName } from './image-name.ts';
import { IMAGE_ANNOTATION, LABELS, RESTART_COUNT_ANNOTATION } from './labels.ts';

/** What a container may not see or change of the kernel (the runtime hides only what it is told to). */
const MASKED_PATHS = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];
const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** CRI's numbers for stop signals (its enumeration `Signal`; real-time signals are not offered). */
const SIGNALS =
  'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ'.split(
    ' ',
  );

function podLabels(pod: PodRef): Record<string, string> {
  return { [LABELS.podName]: pod.name, [LABELS.podNamespace]: pod.namespace, [LABELS.podUid]: pod.uid };
}

export function sandboxConfig(spec: SandboxSpec): object {
  return {
    metadata: { name: spec.pod.name, uid: spec.pod.uid, namespace: spec.pod.namespace, attempt: spec.attempt },
    hostname: spec.hostname,
    logDirectory: spec.logDirectory,
    dnsConfig: spec.dns,
    portMappings: spec.portMappings.map(({ hostIP, ...mapping }) => ({ ...mapping, hostIp: hostIP })),
    labels: { ...spec.labels, ...podLabels(spec.pod) },
    annotations: spec.annotations,
    linux: {
      sysctls: spec.sysctls,
      securityContext: {
        namespaceOptions: namespaceOptions(spec.namespaces),
        runAsUser: int64(spec.runAsUser),
        runAsGroup: int64(spec.runAsGroup),
        supplementalGroups: spec.supplementalGroups,
        privileged: spec.privileged,
        seccomp: securityProfile(spec.seccomp),
        selinuxOptions: spec.seLinux,
      },
    },
  };
}

/** `unified` are the settings of its cgroup (v2) beside its resources. */
export function containerConfig(spec: ContainerSpec, unified: Record<string, string>): object {
  const { security } = spec;
  return {
    metadata: { name: spec.name, attempt: spec.attempt },
    image: { image: runtimeImageName(spec.image), userSpecifiedImage: spec.image },
    command: spec.command,
    args: spec.args,
    workingDir: spec.workingDir,
    envs: spec.env.map(({ name, value }) => ({ key: name, value: Buffer.from(value) })),
    mounts: spec.mounts.map((mount) => ({
      containerPath: mount.containerPath,
      hostPath: mount.hostPath,
      readonly: mount.readonly,
      propagation: PROPAGATION[mount.propagation],
    })),
    devices: spec.devices,
    labels: { ...spec.labels, ...podLabels(spec.pod), [LABELS.containerName]: spec.name },
    annotations: {
      ...spec.annotations,
      [RESTART_COUNT_ANNOTATION]: String(spec.attempt),
      [IMAGE_ANNOTATION]: spec.image,
    },
    logPath: spec.logPath,
    stdin: spec.stdin,
    stdinOnce: spec.stdinOnce,
    tty: spec.tty,
    stopSignal: spec.stopSignal === undefined ? 0 : signalNumber(spec.stopSignal),
    linux: {
      resources: linuxResources(spec.resources, unified),
      securityContext: {
        capabilities: { addCapabilities: security.addCapabilities, dropCapabilities: security.dropCapabilities },
        privileged: security.privileged,
        namespaceOptions: namespaceOptions(spec.namespaces),
        runAsUser: int64(security.runAsUser),
        runAsUsername: security.runAsUsername,
        runAsGroup: int64(security.runAsGroup),
        readonlyRootfs: security.readonlyRootfs,
        noNewPrivs: security.noNewPrivileges,
        supplementalGroups: security.supplementalGroups,
        supplementalGroupsPolicy: security.supplementalGroupsPolicy,
        maskedPaths: security.unmaskedProc || security.privileged ? [] : MASKED_PATHS,
        readonlyPaths: security.unmaskedProc || security.privileged ? [] : READONLY_PATHS,
        seccomp: securityProfile(security.seccomp),
        selinuxOptions: security.seLinux,
      },
    },
  };
}

export function linuxResources(resources: ContainerResources, unified: Record<string, string>): object {
  return {
    cpuShares: resources.cpuShares,
    cpuQuota: resources.cpuQuotaUs,
    cpuPeriod: resources.cpuPeriodUs,
    memoryLimitInBytes: resources.memoryLimitBytes,
    oomScoreAdj: resources.oomScoreAdj,
    unified,
  };
}

/** The filter of both list calls; they ignore what they do not know. */
export function listFilter(filter: Filter): object {
  return {
    filter: {
      id: filter.id,
      podSandboxId: filter.sandboxId,
      labelSelector: { ...filter.labels, ...(filter.podUid && { [LABELS.podUid]: filter.podUid }) },
    },
  };
}

const PROPAGATION = {
  private: 'PROPAGATION_PRIVATE',
  hostToContainer: 'PROPAGATION_HOST_TO_CONTAINER',
  bidirectional: 'PROPAGATION_BIDIRECTIONAL',
} as const;

function namespaceOptions(modes: Record<'network' | 'pid' | 'ipc', NamespaceMode> & { pidTarget?: string }): object {
  return {
    network: modes.network.toUpperCase(),
    pid: modes.pidTarget ? 'TARGET' : modes.pid.toUpperCase(),
    ipc: modes.ipc.toUpperCase(),
    targetId: modes.pidTarget,
  };
}

function securityProfile(profile: SecurityProfile | undefined): object | undefined {
  return profile && { profileType: profile.type, localhostRef: profile.localhostRef };
}

function int64(value: number | undefined): object | undefined {
  return value === undefined ? undefined : { value };
}

function signalNumber(signal: string): number {
  const index = SIGNALS.indexOf(signal.replace(/^SIG/, ''));
  if (index < 0)
    throw new RuntimeError('Unsupported', `stop signal ${signal} is not supported; use one such as SIGTERM`);
  return index + 1;
}
