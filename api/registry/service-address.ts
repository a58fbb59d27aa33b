/** The address of a Service: given to one that wants one, kept, and given back. `None` is an address, too: headless. */
import { type FieldError, forbidden, invalid as invalidField, notSupported } from '../../pod/field-error.ts';
import type { KubeObject } from '../../pod/types.ts';
import { each, ipAddress, oneOf, unique } from '../../pod/validation/check.ts';
import { invalid } from '../errors.ts';
import { equal } from '../objects/equal.ts';
import { freeIP, refusalOfIP, takenIPs } from './cluster-ip.ts';

const NONE = 'None';
const families = ['IPv4', 'IPv6'];
const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const field = 'spec.clusterIPs';
/** What comes and goes with an address. */
const parts = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'];

const wantsAddress = ({ spec }: KubeObject): boolean => spec.type !== 'ExternalName';

/** Whether a stored Service has an address that somebody could ask for. */
export const hasAddress = ({ spec }: KubeObject): boolean => Boolean(spec.clusterIP) && spec.clusterIP !== NONE;

/** The Service with its address and the fields that follow from it. Throws 422 for one that it may not have. */
export const giveAddress = (service: KubeObject, services: readonly KubeObject[]): KubeObject =>
  given(listed(service), takenIPs(services));

/** For updates: a Service that had no address gets one, as when it is created. */
export function admitAddress(services: readonly KubeObject[]): (next: KubeObject, old: KubeObject) => KubeObject {
  const taken = takenIPs(services);
  return (next, old) => (next.spec.clusterIP && next.spec.clusterIP === old.spec.clusterIP ? next : given(next, taken));
}

/** A client that replaces a Service without naming its address keeps it; who wants none any more gives it back. */
export function keepAddress(next: KubeObject, old: KubeObject): KubeObject {
  if (!wantsAddress(old)) return listed(next);
  const spec = { ...next.spec };
  for (const part of parts) {
    if (wantsAddress(next)) spec[part] ||= old.spec[part];
    else if (equal(spec[part], old.spec[part])) delete spec[part];
  }
  return listed({ ...next, spec });
}

/** Who gives `clusterIP` need not repeat it in the list. */
function listed(service: KubeObject): KubeObject {
  const { clusterIP, clusterIPs } = service.spec;
  if (!clusterIP || clusterIPs?.length) return service;
  return { ...service, spec: { ...service.spec, clusterIPs: [clusterIP] } };
}

function given(service: KubeObject, taken: ReadonlySet<string>): KubeObject {
  const { spec } = service;
  // What is malformed is told by the validation.
  if (!wantsAddress(service) || addressErrors(service).length > 0) return service;
  const address: string = spec.clusterIP || freeIP(taken);
  const refusal = address === NONE ? undefined : refusalOfIP(address, taken);
  if (refusal) {
    const error = invalidField(field, spec.clusterIPs, `failed to allocate IP ${address}: ${refusal}`);
    throw invalid({ group: '', kind: 'Service' }, service.metadata.name ?? '', [error]);
  }
  const { ipFamilies = ['IPv4'], ipFamilyPolicy = 'SingleStack' } = spec;
  return { ...service, spec: { ...spec, clusterIP: address, clusterIPs: [address], ipFamilies, ipFamilyPolicy } };
}

/** What is wrong with how a Service asks for its address. */
export function addressErrors(service: KubeObject): FieldError[] {
  const { type, clusterIP, clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = service.spec;
  if (!wantsAddress(service)) {
    const given = { clusterIPs: clusterIPs.length, ipFamilies: ipFamilies.length, ipFamilyPolicy };
    return Object.entries(given)
      .filter(([, value]) => value)
      .map(([name]) => forbidden(`spec.${name}`, 'may not be set for ExternalName services'));
  }
  const wrong = (detail: string) => [invalidField(field, clusterIPs, detail)];
  if (clusterIPs[0] === NONE && clusterIPs.length > 1) return wrong("'None' must be the first and only value");
  const malformed = clusterIPs[0] === NONE ? [] : each<string>(clusterIPs, field, (ip, at) => ipAddress(at, ip));
  if (malformed.length > 0) return malformed;
  return [
    ...(!clusterIP && clusterIPs.length > 0 ? wrong('must be empty when `clusterIP` is not specified') : []),
    ...(clusterIP && clusterIP !== clusterIPs[0] ? wrong('first value must match `clusterIP`') : []),
    ...(clusterIPs.length > 1 ? wrong('may specify no more than one IP for each IP family') : []),
    ...(clusterIP === NONE && (type === 'NodePort' || type === 'LoadBalancer')
      ? [invalidField(`${field}[0]`, NONE, `may not be set to 'None' for ${type} services`)]
      : []),
    ...ipFamilies.flatMap((family: string, i: number) =>
      families.includes(family) ? [] : [notSupported(`spec.ipFamilies[${i}]`, family, families)],
    ),
    ...unique(ipFamilies, (i) => `spec.ipFamilies[${i}]`),
    ...oneOf(familyPolicies, 'spec.ipFamilyPolicy', ipFamilyPolicy),
    ...(clusterIP === NONE && !service.spec.selector ? [] : stackErrors(ipFamilies, ipFamilyPolicy)),
  ];
}

/** There are addresses of IPv4 only; who brings the endpoints of a headless Service may have others. */
const stackErrors = (ipFamilies: string[], policy: string | undefined): FieldError[] => [
  ...(policy === 'RequireDualStack'
    ? [invalidField('spec.ipFamilyPolicy', policy, 'this cluster is not configured for dual-stack services')]
    : []),
  ...each(ipFamilies, 'spec.ipFamilies', (family, at) =>
    family === 'IPv6' ? [invalidField(at, family, 'not configured on this cluster')] : [],
  ),
];

/** An address stays as long as the Service has one. */
export const addressChangeErrors = (next: KubeObject, old: KubeObject): FieldError[] =>
  wantsAddress(next) && wantsAddress(old) && !equal(next.spec.clusterIPs, old.spec.clusterIPs)
    ? [invalidField(`${field}[0]`, next.spec.clusterIPs, 'may not change once set')]
    : [];
