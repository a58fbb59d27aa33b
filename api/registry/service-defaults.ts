/** What an omitted field of a Service means, when it is new and when it was there; what goes with a change of its type. */
import type { KubeObject } from '../../pod/types.ts';
import { equal } from '../objects/equal.ts';
import { hasNodePorts, nodePorts } from './service-node-ports.ts';
import { isExternallyAccessible, needsHealthCheck } from './service-traffic.ts';

const AFFINITY_SECONDS = 10_800;

/** Kubernetes docs, "Service": the Service with what was left out. */
export function serviceDefaults(object: KubeObject): KubeObject {
  const { sessionAffinityConfig, ...given } = object.spec ?? {};
  const spec = { ...given, type: given.type || 'ClusterIP', sessionAffinity: given.sessionAffinity || 'None' };
  const ports = spec.ports?.map((port: KubeObject) => ({
    ...port,
    protocol: port.protocol || 'TCP',
    targetPort: port.targetPort || port.port,
  }));
  const isOpen = isExternallyAccessible({ ...object, spec });
  return {
    ...object,
    spec: {
      ...spec,
      ...(ports ? { ports } : {}),
      ...affinity(spec.sessionAffinity, sessionAffinityConfig),
      ...(isOpen ? { externalTrafficPolicy: spec.externalTrafficPolicy || 'Cluster' } : {}),
      ...(spec.type === 'ExternalName' ? {} : { internalTrafficPolicy: spec.internalTrafficPolicy ?? 'Cluster' }),
      ...(spec.type === 'LoadBalancer'
        ? { allocateLoadBalancerNodePorts: spec.allocateLoadBalancerNodePorts ?? true }
        : {}),
    },
    ...(object.status?.loadBalancer?.ingress ? { status: withIPMode(object.status) } : {}),
  };
}

/** Who balances under an address has the traffic come with that address, unless it says otherwise. */
const withIPMode = (status: KubeObject): KubeObject => ({
  ...status,
  loadBalancer: {
    ...status.loadBalancer,
    ingress: status.loadBalancer.ingress.map((ingress: KubeObject) =>
      ingress.ip ? { ipMode: 'VIP', ...ingress } : ingress,
    ),
  },
});

function affinity(kind: string, config: KubeObject | undefined): object {
  if (kind === 'None') return {};
  const isWhole = kind !== 'ClientIP' || config?.clientIP?.timeoutSeconds !== undefined;
  const sessionAffinityConfig = isWhole ? config : { clientIP: { timeoutSeconds: AFFINITY_SECONDS } };
  return sessionAffinityConfig ? { sessionAffinityConfig } : {};
}

/** Fields that belong to some Services only. */
const dependent: [field: string, has: (service: KubeObject) => boolean][] = [
  ['externalTrafficPolicy', isExternallyAccessible],
  ['healthCheckNodePort', needsHealthCheck],
  ['allocateLoadBalancerNodePorts', ({ spec }) => spec.type === 'LoadBalancer'],
  ['loadBalancerClass', ({ spec }) => spec.type === 'LoadBalancer'],
];

/** Who changes the type need not clear what the new one has no place for; what they write anew is told to be wrong. */
export function dropDependent(next: KubeObject, old: KubeObject): KubeObject {
  const spec = { ...next.spec };
  for (const [field, has] of dependent) {
    if (has(old) && !has(next) && equal(spec[field], old.spec[field])) delete spec[field];
  }
  if (hasNodePorts(old) && !hasNodePorts(next) && equal(nodePorts(next), nodePorts(old))) {
    spec.ports = spec.ports?.map(({ nodePort: _, ...port }: KubeObject) => port);
  }
  return { ...next, spec };
}
