/** A Pod as the sandbox the runtime is asked for, with the kubelet's semantics. Pure. */
import type { Container, Pod } from '../../pod/types.ts';
import type { SandboxSpec } from '../../runtime/port.ts';
import type { SandboxContext } from './context.ts';
import { podDns } from './dns.ts';
import { SandboxConfigError } from './errors.ts';
import { sandboxHostname } from './hostname.ts';
import { podRef, sandboxLabels } from './labels.ts';
import { podNamespaces } from './namespaces.ts';
import { supplementalGroups } from './security.ts';
import { podSysctls } from './sysctls.ts';

const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';

/** The ports that the host gives to the Pod. With host networking there is nothing to map. */
function portMappings({ spec }: Pod): SandboxSpec['portMappings'] {
  if (spec.hostNetwork) return [];
  const mappings = [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)]
    .flatMap((container) => container.ports ?? [])
    .filter((port) => port.hostPort)
    .map((port) => ({
      protocol: (port.protocol ?? 'TCP') as 'TCP' | 'UDP' | 'SCTP',
      containerPort: port.containerPort,
      hostPort: port.hostPort!,
      ...(port.hostIP && { hostIP: port.hostIP }),
    }));
  return [...new Map(mappings.map((mapping) => [JSON.stringify(mapping), mapping])).values()];
}

function hasPrivileged({ spec }: Pod): boolean {
  return [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])].some(
    (container) => container.securityContext?.privileged,
  );
}

/** Throws for what no runtime here is asked for yet, rather than leaving it out in silence. */
function refuseUnsupported({ spec }: Pod): void {
  const refuse = (field: string): never => {
    throw new SandboxConfigError('Unsupported', `${field} is not supported by durapod; remove it from the Pod`);
  };
  if (spec.hostUsers === false) refuse('hostUsers: false (user namespaces)');
  if (spec.resourceClaims?.length) refuse('resourceClaims (dynamic resource allocation)');
  if (spec.os?.name && spec.os.name !== 'linux') {
    throw new SandboxConfigError('PodOSNotSupported', `the Pod is for ${spec.os.name}, and this node runs linux`);
  }
}

/** Throws SandboxConfigError when the Pod's sandbox cannot be asked for. */
export function buildSandboxSpec(pod: Pod, ctx: SandboxContext): SandboxSpec {
  refuseUnsupported(pod);
  const { runAsUser, runAsGroup, seLinuxOptions } = pod.spec.securityContext ?? {};
  return {
    pod: podRef(pod),
    attempt: ctx.attempt,
    hostname: sandboxHostname(pod),
    logDirectory: ctx.dirs.podLogs(podRef(pod)),
    dns: podDns(pod, ctx.resolvConf).dns,
    portMappings: portMappings(pod),
    labels: sandboxLabels(pod),
    annotations: { ...pod.metadata.annotations },
    sysctls: podSysctls(pod),
    namespaces: podNamespaces(pod),
    ...(runAsUser !== undefined && { runAsUser }),
    ...(runAsGroup !== undefined && { runAsGroup }),
    supplementalGroups: supplementalGroups(pod),
    privileged: hasPrivileged(pod),
    // The pause process needs nothing that the default profile forbids, whatever the containers are given.
    seccomp: { type: 'RuntimeDefault' },
    ...(seLinuxOptions && { seLinux: seLinuxOptions }),
    ...(ctx.runtimeHandler && { runtimeHandler: ctx.runtimeHandler }),
  };
}
