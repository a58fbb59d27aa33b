/** The subresource `status`. */
import { type FieldError, forbidden, invalid } from '../field-error.ts';
import { dns1123Subdomain, qualifiedName } from '../names.ts';
import type { ContainerStatus, Pod, PodSpec, PodStatus } from '../types.ts';
import { validateAnnotationsUpdate } from './annotations.ts';
import { each, follows, ipAddress, isIPv6, notNegative } from './check.ts';
import { validateMetadataUpdate } from './metadata.ts';

/** What is wrong with a new status: values no status can have, and transitions that cannot happen. */
export function validatePodStatusUpdate(next: Pod, old: Pod): FieldError[] {
  const status = next.status ?? {};
  const before = old.status ?? {};
  const nominated = status.nominatedNodeName;
  return [
    ...validateMetadataUpdate(next.metadata, old.metadata),
    ...validateAnnotationsUpdate(next, old),
    ...each(status.conditions, 'status.conditions', ({ observedGeneration, type }, at) => [
      ...notNegative(`${at}.observedGeneration`, observedGeneration),
      ...follows(qualifiedName, `${at}.type`, type),
    ]),
    ...(next.spec.nodeName === old.spec.nodeName ? [] : [forbidden('status.nodeName', 'may not be changed directly')]),
    ...(nominated && nominated !== before.nominatedNodeName
      ? [
          ...follows(dns1123Subdomain, 'status.nominatedNodeName', nominated),
          ...(old.spec.nodeName
            ? [forbidden('status.nominatedNodeName', 'may not be set on pods that are already bound to a node')]
            : []),
        ]
      : []),
    ...notNegative('status.observedGeneration', status.observedGeneration),
    ...(status.qosClass === before.qosClass ? [] : [invalid('status.qosClass', status.qosClass, 'field is immutable')]),
    ...validateTransitions(status, before, old.spec),
    ...validateIps(status.podIPs, 'status.podIPs'),
    ...validateIps(status.hostIPs, 'status.hostIPs'),
    ...(status.hostIPs?.length && status.hostIP !== status.hostIPs[0]!.ip
      ? [invalid('status.hostIPs[0].ip', status.hostIPs[0]!.ip, 'must be equal to `hostIP`')]
      : []),
  ];
}

const STATUSES = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

/** A container that ended stays ended, unless it may be started again. */
function validateTransitions(next: PodStatus, old: PodStatus, spec: PodSpec): FieldError[] {
  const anyRestartsAll = [...spec.containers, ...(spec.initContainers ?? [])].some((c) =>
    c.restartPolicyRules?.some((rule) => rule.action === 'RestartAllContainers'),
  );
  return STATUSES.flatMap((list) =>
    each(old[list], `status.${list}`, (status, at) => {
      const ended = status.state?.terminated;
      const now = next[list]?.find((s) => s.name === status.name);
      if (!ended || !now || now.state?.terminated) return [];
      const allowed = list !== 'ephemeralContainerStatuses' && (anyRestartsAll || mayRestart(status, spec));
      return allowed ? [] : [forbidden(`${at}.state`, 'may not be transitioned to non-terminated state')];
    }),
  );
}

/** By its first rule that matches the exit code, else its own policy, else the Pod's. */
function mayRestart({ name, state }: ContainerStatus, spec: PodSpec): boolean {
  const code = state?.terminated?.exitCode ?? 0;
  const container = [...spec.containers, ...(spec.initContainers ?? [])].find((c) => c.name === name);
  if (!container) return false;
  const rule = container.restartPolicyRules?.find(
    ({ exitCodes }) => exitCodes && exitCodes.values?.includes(code) === (exitCodes.operator === 'In'),
  );
  if (rule) return true;
  const policy = container.restartPolicy ?? spec.restartPolicy;
  return policy === 'Always' || (policy === 'OnFailure' && code !== 0);
}

function validateIps(ips: { ip?: string }[] | undefined, path: string): FieldError[] {
  const families = (ips ?? []).map(({ ip = '' }) => isIPv6(ip));
  return [
    ...each(ips, path, ({ ip }, at) => ipAddress(at, ip)),
    ...(new Set(families).size < families.length
      ? [invalid(path, ips, 'may specify no more than one IP for each IP family')]
      : []),
  ];
}
