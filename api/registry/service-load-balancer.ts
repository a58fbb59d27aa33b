/** What a Service says to its load balancer. There is none here: it is checked and kept for whoever brings one. */
import { type FieldError, forbidden, invalid, required } from '../../pod/field-error.ts';
import { dns1123Subdomain, qualifiedName } from '../../pod/names.ts';
import type { KubeObject } from '../../pod/types.ts';
import { each, follows, ipAddress, isIP, oneOf } from '../../pod/validation/check.ts';
import { cidrErrors } from './addresses.ts';

/** The older place of the ranges. */
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const only = "may only be used when `type` is 'LoadBalancer'";

const isBalanced = ({ spec }: KubeObject): boolean => spec.type === 'LoadBalancer';

/** What is wrong with the fields for a load balancer. */
export function loadBalancerErrors(service: KubeObject): FieldError[] {
  const { loadBalancerClass, allocateLoadBalancerNodePorts } = service.spec;
  return [
    ...sourceRangeErrors(service),
    ...(allocateLoadBalancerNodePorts !== undefined && !isBalanced(service)
      ? [forbidden('spec.allocateLoadBalancerNodePorts', only)]
      : []),
    ...(loadBalancerClass !== undefined && !isBalanced(service)
      ? [forbidden('spec.loadBalancerClass', only)]
      : follows(qualifiedName, 'spec.loadBalancerClass', loadBalancerClass)),
  ];
}

/** Who has been told to balance stays so. */
export function loadBalancerChangeErrors(next: KubeObject, old: KubeObject): FieldError[] {
  const { loadBalancerClass } = next.spec;
  return isBalanced(next) && isBalanced(old) && loadBalancerClass !== old.spec.loadBalancerClass
    ? [invalid('spec.loadBalancerClass', loadBalancerClass, 'may not change once set')]
    : [];
}

/** What a load balancer may report. */
export function loadBalancerStatusErrors(service: KubeObject): FieldError[] {
  const path = 'status.loadBalancer.ingress';
  const ingress: KubeObject[] = service.status?.loadBalancer?.ingress ?? [];
  if (ingress.length > 0 && !isBalanced(service)) {
    return [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  return each(ingress, path, ({ ip, ipMode, hostname }, at) => [
    ...(ip ? ipAddress(`${at}.ip`, ip) : []),
    ...(ip && ipMode === undefined ? [required(`${at}.ipMode`, 'must be specified when `ip` is set')] : []),
    ...(!ip && ipMode !== undefined ? [forbidden(`${at}.ipMode`, 'may not be specified when `ip` is not set')] : []),
    ...(ip ? oneOf(['Proxy', 'VIP'], `${at}.ipMode`, ipMode) : []),
    ...follows(dns1123Subdomain, `${at}.hostname`, hostname || undefined),
    ...(isIP(hostname ?? '') ? [invalid(`${at}.hostname`, hostname, 'must be a DNS name, not an IP address')] : []),
  ]);
}

function sourceRangeErrors(service: KubeObject): FieldError[] {
  const ranges: string[] = service.spec.loadBalancerSourceRanges ?? [];
  const annotation: string | undefined = service.metadata.annotations?.[SOURCE_RANGES];
  if (ranges.length > 0) {
    // Upstream's name of the field in errors is this one.
    const path = 'spec.LoadBalancerSourceRanges';
    return [
      ...(isBalanced(service) ? [] : [forbidden(path, only)]),
      ...each(ranges, path, (range, at) => cidrErrors(at, range.trim())),
    ];
  }
  if (annotation === undefined) return [];
  const path = `metadata.annotations[${SOURCE_RANGES}]`;
  return [
    ...(isBalanced(service) ? [] : [forbidden(path, only)]),
    ...(annotation.trim() ? annotation.split(',').flatMap((range) => cidrErrors(path, range.trim())) : []),
  ];
}
