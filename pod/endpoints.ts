/**
 * Which Pods answer for a Service, and on which ports (Kubernetes docs, "EndpointSlices"). A port of an init container
 * is never among them: it is gone before the Pod serves.
 */

import type { DiscoveryV1EndpointPort } from '@kubernetes/client-node/dist/gen/models/DiscoveryV1EndpointPort.d.ts';
import type { V1Endpoint } from '@kubernetes/client-node/dist/gen/models/V1Endpoint.d.ts';
import type { V1Service } from '@kubernetes/client-node/dist/gen/models/V1Service.d.ts';
import type { V1ServicePort } from '@kubernetes/client-node/dist/gen/models/V1ServicePort.d.ts';
import { isTrue } from './is-true.ts';
import { isOver } from './phase.ts';
import type { Json, ObjectMeta, Pod } from './types.ts';

export type Service = Json<V1Service> & { metadata: ObjectMeta };
export type Endpoint = Json<V1Endpoint>;
export type EndpointPort = Json<DiscoveryV1EndpointPort>;
export type AddressType = 'IPv4' | 'IPv6';

/** Endpoints that all serve the same ports. */
export interface EndpointGroup {
  ports: EndpointPort[];
  endpoints: Endpoint[];
}

/** True when the Service's endpoints follow from its Pods; those of others are given by who knows them. */
export const selectsPods = ({ spec }: Service): boolean =>
  spec?.type !== 'ExternalName' && Object.keys(spec?.selector ?? {}).length > 0;

/** The endpoints of the Service among Pods of its namespace, in their order. */
export function endpointGroups(service: Service, pods: readonly Pod[], addressType: AddressType): EndpointGroup[] {
  const groups = new Map<string, EndpointGroup>();
  for (const pod of pods) {
    const addresses = addressesOf(pod, addressType);
    if (!isSelected(service, pod) || isOver(pod.status?.phase) || addresses.length === 0) continue;
    const ports = portsOf(service, pod);
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    group.endpoints.push(endpointOf(service, pod, addresses));
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** What of a Pod its endpoints depend on: while it stays the same, so do they. */
export const endpointFacts = ({ metadata, spec, status }: Pod): unknown => [
  metadata.labels,
  Boolean(metadata.deletionTimestamp),
  spec.nodeName,
  status?.phase,
  status?.podIPs,
  isServing(status),
];

const isSelected = ({ spec }: Service, { metadata: { labels = {} } }: Pod): boolean =>
  Object.entries(spec?.selector ?? {}).every(([key, value]) => labels[key] === value);

const isServing = (status: Pod['status']): boolean => isTrue(status?.conditions, 'Ready');

const addressesOf = ({ status }: Pod, addressType: AddressType): string[] =>
  (status?.podIPs ?? []).flatMap(({ ip }) => (ip && ip.includes(':') === (addressType === 'IPv6') ? [ip] : []));

function endpointOf(service: Service, { metadata, spec, status }: Pod, addresses: string[]): Endpoint {
  const { namespace, name, uid } = metadata;
  const serving = isServing(status);
  const terminating = Boolean(metadata.deletionTimestamp);
  const ready = (service.spec?.publishNotReadyAddresses ?? false) || (serving && !terminating);
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(spec.hostname && spec.subdomain === service.metadata.name ? { hostname: spec.hostname } : {}),
    ...(spec.nodeName ? { nodeName: spec.nodeName } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

/** The Service's ports as this Pod has them; one that it does not have is left out. */
const portsOf = ({ spec }: Service, pod: Pod): EndpointPort[] =>
  (spec?.ports ?? []).flatMap((servicePort) => {
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    const port = targetPort(servicePort, pod);
    return port === undefined ? [] : [{ name, port, protocol, ...(appProtocol ? { appProtocol } : {}) }];
  });

function targetPort({ port, targetPort: target = port, protocol = 'TCP' }: Json<V1ServicePort>, { spec }: Pod) {
  if (typeof target === 'number') return target;
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...spec.containers, ...sidecars]
    .flatMap(({ ports = [] }) => ports)
    .find((known) => known.name === target && (known.protocol ?? 'TCP') === protocol)?.containerPort;
}
