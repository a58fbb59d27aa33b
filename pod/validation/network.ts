/** A Pod's names and how it resolves others. */
import { type FieldError, forbidden, invalid, required, tooLong } from '../field-error.ts';
import { dns1123Label, dns1123Subdomain, type NameRule } from '../names.ts';
import type { PodSpec } from '../types.ts';
import { each, follows, ipAddress, requiredOneOf } from './check.ts';

type DnsConfig = NonNullable<PodSpec['dnsConfig']>;

const DNS_POLICIES = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'];
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;
const MAX_HOSTNAME = 64;

/** DNS, host names, aliases and ports on the host's network. */
export const validateNetwork = (spec: PodSpec): FieldError[] => [
  ...validateHostPorts(spec),
  ...requiredOneOf(DNS_POLICIES, 'spec.dnsPolicy', spec.dnsPolicy),
  ...validateDns(spec.dnsConfig, spec.dnsPolicy, 'spec.dnsConfig'),
  ...follows(dns1123Label, 'spec.hostname', spec.hostname || undefined),
  ...follows(dns1123Label, 'spec.subdomain', spec.subdomain || undefined),
  ...validateHostnameOverride(spec, 'spec.hostnameOverride'),
  ...each(spec.hostAliases, 'spec.hostAliases', ({ hostnames, ip }, at) => [
    ...ipAddress(`${at}.ip`, ip),
    ...each(hostnames, `${at}.hostnames`, (name, item) => follows(dns1123Subdomain, item, name)),
  ]),
];

const validateHostPorts = ({ containers, hostNetwork }: PodSpec): FieldError[] =>
  hostNetwork
    ? each(containers, 'spec.containers', ({ ports }, path) =>
        each(ports, `${path}.ports`, ({ containerPort, hostPort }, at) =>
          hostPort === containerPort
            ? []
            : [invalid(`${at}.hostPort`, hostPort ?? 0, 'must match `containerPort` when `hostNetwork` is true')],
        ),
      )
    : [];

function validateDns(config: DnsConfig | undefined, policy: string | undefined, path: string): FieldError[] {
  if (policy === 'None' && !config) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')];
  if (policy === 'None' && !config?.nameservers?.length) {
    return [required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
  }
  const { nameservers = [], options, searches = [] } = config ?? {};
  return [
    ...(nameservers.length > MAX_NAMESERVERS
      ? [invalid(`${path}.nameservers`, nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`)]
      : []),
    ...each(nameservers, `${path}.nameservers`, (server, at) => ipAddress(at, server)),
    ...(searches.length > MAX_SEARCHES
      ? [invalid(`${path}.searches`, searches, `must not have more than ${MAX_SEARCHES} search paths`)]
      : []),
    ...(searches.join(' ').length > MAX_SEARCH_CHARACTERS
      ? [
          invalid(
            `${path}.searches`,
            searches,
            `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`,
          ),
        ]
      : []),
    ...each(searches, `${path}.searches`, (search, at) => follows(searchPath, at, search)),
    ...each(options, `${path}.options`, ({ name }, at) => (name ? [] : [required(at, 'must not be empty')])),
  ];
}

/** A search path may be the root, end in a dot and have underscores (KEP-4427). */
const searchPath: NameRule = (value) =>
  value === '.' ? [] : dns1123Subdomain(value.replace(/\.$/, '').replaceAll('_', 'x'));

function validateHostnameOverride(spec: PodSpec, path: string): FieldError[] {
  const { hostNetwork, hostnameOverride, setHostnameAsFQDN } = spec;
  if (hostnameOverride == null) return [];
  return [
    ...(setHostnameAsFQDN ? [forbidden(path, 'may not be specified when setHostnameAsFQDN is true')] : []),
    ...(hostNetwork ? [forbidden(path, 'may not be specified when hostNetwork is true')] : []),
    ...(hostnameOverride.length > MAX_HOSTNAME ? [tooLong(path, MAX_HOSTNAME)] : []),
    ...follows(dns1123Subdomain, path, hostnameOverride),
  ];
}
