/** EndpointSlices: who answers for a Service. */
import { duplicate, type FieldError, invalid, required, tooMany } from '../../pod/field-error.ts';
import { dns1123Label, dns1123Subdomain, labelValue, type NameRule, qualifiedName } from '../../pod/names.ts';
import type { KubeObject } from '../../pod/types.ts';
import { canonicalIPv6, each, follows, inRange, ipAddress, isIPv6, requiredOneOf } from '../../pod/validation/check.ts';
import { equal } from '../objects/equal.ts';
import { reachableErrors } from './addresses.ts';
import { plain } from './plain.ts';
import { resource, unchanged } from './resource.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];
const MAX = { endpoints: 1000, addresses: 100, ports: 20_000, hints: 8 };

/** What is wrong with an address. `list` is where it stands. */
type AddressRule = (address: string, path: string, list: string) => FieldError[];

const ipv4Errors: AddressRule = (ip, path, list) => [
  ...(isIPv6(ip) ? [invalid(list, ip, 'must be an IPv4 address')] : []),
  ...reachableErrors(ip, path),
];

const ipv6Errors: AddressRule = (ip, path, list) => {
  const malformed = ipAddress(path, ip);
  if (malformed.length > 0) return malformed;
  const canonical = isIPv6(ip) ? canonicalIPv6(ip) : ip;
  if (ip !== canonical) return [invalid(path, ip, `must be in canonical form ("${canonical}")`)];
  return [...(isIPv6(ip) ? [] : [invalid(list, ip, 'must be an IPv6 address')]), ...reachableErrors(ip, path)];
};

const domainErrors: AddressRule = (domain, path) => {
  if (!domain) return [required(path)];
  const name = domain.replace(/\.$/, '');
  const labels = name.split('.');
  const [why] = [
    ...dns1123Subdomain(name),
    ...(labels.length < 2 ? ['should be a domain with at least two segments separated by dots'] : []),
    ...labels.flatMap((label) => dns1123Label(label)),
  ];
  return why ? [invalid(path, name, why)] : [];
};

/** By the type that all addresses of a slice have. */
const addressRules = new Map([
  ['FQDN', domainErrors],
  ['IPv4', ipv4Errors],
  ['IPv6', ipv6Errors],
]);

/** More than may be is one error: what is in it is not looked at. */
const atMost = (max: number, path: string, items: readonly unknown[] | undefined, rest: () => FieldError[]) =>
  (items ?? []).length > max ? [tooMany(path, items!.length, max)] : rest();

function endpointErrors({ addressType, endpoints }: KubeObject): FieldError[] {
  const rule = addressRules.get(addressType) ?? (() => []);
  return atMost(MAX.endpoints, 'endpoints', endpoints, () =>
    each<KubeObject>(endpoints, 'endpoints', ({ addresses = [], ...endpoint }, at) => [
      ...(addresses.length === 0 ? [required(`${at}.addresses`, 'must contain at least 1 address')] : []),
      ...atMost(MAX.addresses, `${at}.addresses`, addresses, () => []),
      ...each<string>(addresses, `${at}.addresses`, (address, path) => rule(address, path, `${at}.addresses`)),
      ...follows(dns1123Subdomain, `${at}.nodeName`, endpoint.nodeName),
      ...follows(dns1123Label, `${at}.hostname`, endpoint.hostname),
      ...hintErrors(labelValue, `${at}.hints.forZones`, endpoint.hints?.forZones),
      ...hintErrors(dns1123Subdomain, `${at}.hints.forNodes`, endpoint.hints?.forNodes),
    ]),
  );
}

const hintErrors = (rule: NameRule, path: string, hints: { name: string }[] = []): FieldError[] =>
  atMost(MAX.hints, path, hints, () => [
    ...repeated(
      hints.map(({ name }) => name),
      (i) => `${path}[${i}].name`,
    ),
    ...each(hints, path, ({ name }, at) => follows(rule, `${at}.name`, name)),
  ]);

const portErrors = ({ ports = [] }: KubeObject): FieldError[] =>
  atMost(MAX.ports, 'ports', ports, () => [
    ...each<KubeObject>(ports, 'ports', (port, at) => [
      ...follows(dns1123Label, `${at}.name`, port.name || undefined),
      ...requiredOneOf(protocols, `${at}.protocol`, port.protocol),
      ...inRange(0, 65_535, `${at}.port`, port.port),
      ...follows(qualifiedName, `${at}.appProtocol`, port.appProtocol),
    ]),
    ...repeated(
      ports.map(({ name }: KubeObject) => name),
      (i) => `ports[${i}].name`,
    ),
  ]);

/** One error for each that stood before, of which one may be empty. */
function repeated(names: string[], path: (index: number) => string): FieldError[] {
  const seen = new Set<string>();
  return names.flatMap((name, i) => (seen.size === seen.add(name).size ? [duplicate(path(i), name)] : []));
}

/** kubectl does not print a port whose protocol it has to guess. This version of the API takes no topology. */
const withDefaults = ({ ports, endpoints, ...slice }: KubeObject): KubeObject =>
  ({
    ...slice,
    ...(endpoints && { endpoints: endpoints.map(({ deprecatedTopology: _, ...endpoint }: KubeObject) => endpoint) }),
    ...(ports && { ports: ports.map((port: object) => ({ name: '', protocol: 'TCP', ...port })) }),
  }) as KubeObject;

export const endpointslices = resource({
  group: 'discovery.k8s.io',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
  namespaced: true,
  strategy: plain({
    namespaced: true,
    defaults: withDefaults,
    validate: (slice) => [
      ...requiredOneOf([...addressRules.keys()], 'addressType', slice.addressType),
      ...portErrors(slice),
    ],
    validateNew: endpointErrors,
    validateUpdate: (next, old) => [
      // What was valid once may stay.
      ...(equal(next.endpoints, old.endpoints) ? [] : endpointErrors(next)),
      ...unchanged('addressType', next.addressType, old.addressType),
    ],
  }),
});
