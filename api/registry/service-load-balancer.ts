/** What a Service says to its load balancer. There is none here: it is checked and kept for whoever brings one. */
import { type FieldError, forbidden, invalid, required } from '../../pod/field-error.ts';
import { dns1123Subdomain, qualifiedName } from '../../pod/names.ts';
import type { KubeObject } from '../../pod/types.ts';
import { each, follows, ipAddress, isIP, isIPv6, oneOf } from '../../pod/validation/check.ts';

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

function cidrErrors(path: string, range: string): FieldError[] {
  const [address = '', length = '', ...more] = range.split('/');
  const bits = isIP(address) ? bitsOf(address) : '';
  if (!bits || !/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits.length || more.length > 0) {
    return [invalid(path, range, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
  }
  return bits.slice(Number(length)).includes('1')
    ? [invalid(path, range, 'must not have bits set beyond the prefix length')]
    : [];
}

function bitsOf(address: string): string {
  if (!isIPv6(address)) return binary(address.split('.').map(Number), 8);
  // As a URL has it, no part is IPv4 any more.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const words = [head, tail ?? ''].map((half) => (half ? half.split(':') : []));
  const zeros = Array<string>(8 - words.flat().length).fill('0');
  return binary(
    [...words[0]!, ...zeros, ...words[1]!].map((word) => Number.parseInt(word, 16)),
    16,
  );
}

const binary = (numbers: number[], width: number): string =>
  numbers.map((n) => n.toString(2).padStart(width, '0')).join('');
