/** Services and EndpointSlices. An address is given to a Service that wants one; who answers there is the slices' matter. */
import { duplicate, type FieldError, invalid, notSupported, required } from '../../pod/field-error.ts';
import { dns1123Label, dns1123Subdomain, portNumber } from '../../pod/names.ts';
import type { KubeObject } from '../../pod/types.ts';
import { plain } from './plain.ts';
import { keepStatus, resource, statusUpdate, unchanged } from './resource.ts';
import { addressChangeErrors, addressErrors, admitAddress, giveAddress, keepAddress } from './service-address.ts';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const protocols = ['SCTP', 'TCP', 'UDP'];

/** Kubernetes docs, "Service": what an omitted field means. */
function defaults(object: KubeObject): KubeObject {
  const spec = object.spec ?? {};
  const type = spec.type || 'ClusterIP';
  const ports = spec.ports?.map((port: KubeObject) => ({
    ...port,
    protocol: port.protocol || 'TCP',
    targetPort: port.targetPort || port.port,
  }));
  const withAddress = type === 'ExternalName' ? {} : { internalTrafficPolicy: spec.internalTrafficPolicy || 'Cluster' };
  return {
    ...object,
    spec: {
      ...spec,
      type,
      sessionAffinity: spec.sessionAffinity || 'None',
      ...(ports ? { ports } : {}),
      ...withAddress,
    },
  };
}

/** A trailing dot says that the name is whole. */
function externalNameErrors(name: string | undefined): FieldError[] {
  const host = name?.replace(/\.$/, '');
  if (!host) return [required('spec.externalName')];
  return dns1123Subdomain(host).map((detail) => invalid('spec.externalName', host, detail));
}

/** A Service listens once at each. */
const placeOf = ({ protocol, port }: KubeObject): string => `${port}/${protocol}`;

function validate(service: KubeObject): FieldError[] {
  const { spec } = service;
  const ports: KubeObject[] = spec.ports ?? [];
  const names = ports.map((port) => port.name ?? '');
  const places = ports.map(placeOf);
  return [
    ...(types.includes(spec.type) ? [] : [notSupported('spec.type', spec.type, types)]),
    ...(spec.type === 'ExternalName' ? externalNameErrors(spec.externalName) : []),
    ...addressErrors(service),
    ...(ports.length === 0 && spec.type !== 'ExternalName' && spec.clusterIP !== 'None'
      ? [required('spec.ports')]
      : []),
    ...ports.flatMap((port, i) => [
      ...portNumber(port.port).map((detail) => invalid(`spec.ports[${i}].port`, port.port, detail)),
      ...(protocols.includes(port.protocol)
        ? []
        : [notSupported(`spec.ports[${i}].protocol`, port.protocol, protocols)]),
      ...(ports.length > 1 && !port.name ? [required(`spec.ports[${i}].name`)] : []),
      ...(port.name && names.indexOf(port.name) < i ? [duplicate(`spec.ports[${i}].name`, port.name)] : []),
      ...(places.indexOf(placeOf(port)) < i
        ? [duplicate(`spec.ports[${i}]`, { protocol: port.protocol, port: port.port })]
        : []),
    ]),
  ];
}

const base = plain({
  namespaced: true,
  showsDeleted: true,
  nameRule: dns1123Label,
  defaults,
  validate,
  validateUpdate: addressChangeErrors,
});

export const services = resource({
  plural: 'services',
  kind: 'Service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  strategy: {
    ...base,
    create: {
      ...base.create,
      prepare: async (service, { store }) => ({
        ...(await giveAddress(service, store)),
        status: { loadBalancer: {} },
      }),
    },
    update: {
      ...base.update,
      prepare: (next, old) => keepStatus(keepAddress(next, old), old),
      admission: admitAddress,
    },
  },
  subresources: { status: { kind: 'Service', verbs: ['get', 'patch', 'update'], update: statusUpdate() } },
});

/** kubectl does not print a port whose protocol it has to guess. */
const withPortDefaults = (slice: KubeObject): KubeObject =>
  slice.ports
    ? { ...slice, ports: slice.ports.map((port: object) => ({ name: '', protocol: 'TCP', ...port })) }
    : slice;

export const endpointslices = resource({
  group: 'discovery.k8s.io',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
  namespaced: true,
  strategy: plain({
    namespaced: true,
    defaults: withPortDefaults,
    validate: ({ addressType }) =>
      addressType ? [] : [required('addressType', 'supported values: "FQDN", "IPv4", "IPv6"')],
    validateUpdate: (next, old) => unchanged('addressType', next.addressType, old.addressType),
  }),
});
