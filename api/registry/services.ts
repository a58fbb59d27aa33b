/** Services and EndpointSlices. An address is given to a Service that wants one; who answers there is the slices' matter. */
import { duplicate, type FieldError, invalid, notSupported, required } from '../../pod/field-error.ts';
import { dns1035Label, portNumber } from '../../pod/names.ts';
import type { KubeObject } from '../../pod/types.ts';
import type { ApiDeps } from '../deps.ts';
import { clusterIP } from './cluster-ip.ts';
import { plain } from './plain.ts';
import { keepStatus, resource, statusUpdate, unchanged } from './resource.ts';

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

function validate({ spec }: KubeObject): FieldError[] {
  const ports: KubeObject[] = spec.ports ?? [];
  const names = ports.map((port) => port.name ?? '');
  return [
    ...(types.includes(spec.type) ? [] : [notSupported('spec.type', spec.type, types)]),
    ...(spec.type === 'ExternalName' && !spec.externalName ? [required('spec.externalName')] : []),
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
    ]),
  ];
}

/** Gives the Service its address (`None` is one: headless) and the fields that follow from it. */
async function allocate(object: KubeObject, { store }: Pick<ApiDeps, 'store'>): Promise<KubeObject> {
  const { spec } = object;
  const status = { loadBalancer: {} };
  if (spec.type === 'ExternalName') return { ...object, status };
  const address = spec.clusterIP || (await clusterIP(store));
  const families = { ipFamilies: spec.ipFamilies ?? ['IPv4'], ipFamilyPolicy: spec.ipFamilyPolicy ?? 'SingleStack' };
  return { ...object, spec: { ...spec, clusterIP: address, clusterIPs: [address], ...families }, status };
}

const base = plain({
  namespaced: true,
  showsDeleted: true,
  nameRule: dns1035Label,
  defaults,
  validate,
  validateUpdate: (next, old) =>
    old.spec.type === 'ExternalName' || next.spec.type === 'ExternalName'
      ? []
      : unchanged('spec.clusterIP', next.spec.clusterIP, old.spec.clusterIP),
});

/** A client that replaces a Service without naming its address keeps it. */
function keepAddress(next: KubeObject, old: KubeObject): KubeObject {
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy } = old.spec;
  const kept = next.spec.type === 'ExternalName' ? {} : { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy };
  return keepStatus({ ...next, spec: { ...kept, ...next.spec } }, old);
}

export const services = resource({
  plural: 'services',
  kind: 'Service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  strategy: {
    ...base,
    create: { ...base.create, prepare: allocate },
    update: { ...base.update, prepare: keepAddress },
  },
  subresources: { status: { kind: 'Service', verbs: ['get', 'patch', 'update'], update: statusUpdate() } },
});

export const endpointslices = resource({
  group: 'discovery.k8s.io',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
  namespaced: true,
  strategy: plain({
    namespaced: true,
    validate: ({ addressType }) =>
      addressType ? [] : [required('addressType', 'supported values: "FQDN", "IPv4", "IPv6"')],
    validateUpdate: (next, old) => unchanged('addressType', next.addressType, old.addressType),
  }),
});
