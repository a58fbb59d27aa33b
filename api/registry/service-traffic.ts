/** Where the traffic of a Service may come from and go to. Most of it nothing here acts on: it is kept for who does. */
import { type FieldError, forbidden, invalid, required } from '../../pod/field-error.ts';
import { portNumber } from '../../pod/names.ts';
import type { KubeObject } from '../../pod/types.ts';
import { each, oneOf, requiredOneOf } from '../../pod/validation/check.ts';
import { reachableErrors } from './addresses.ts';

const affinities = ['ClientIP', 'None'];
const policies = ['Cluster', 'Local'];
const distributions = ['PreferClose', 'PreferSameNode', 'PreferSameZone'];
const MAX_AFFINITY_SECONDS = 86_400;
const HINTS = 'service.kubernetes.io/topology-aware-hints';
const MODE = 'service.kubernetes.io/topology-mode';

/** True when others than Pods may reach it. */
export const isExternallyAccessible = ({ spec }: KubeObject): boolean =>
  spec.type === 'LoadBalancer' ||
  spec.type === 'NodePort' ||
  (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);

/** True when a load balancer must ask each node whether it has a Pod of the Service. */
export const needsHealthCheck = ({ spec }: KubeObject): boolean =>
  spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

/** What is wrong with how traffic is to flow. */
export function trafficErrors(service: KubeObject): FieldError[] {
  const { spec } = service;
  return [
    ...topologyErrors(service.metadata.annotations),
    ...affinityErrors(spec),
    ...each<string>(spec.externalIPs, 'spec.externalIPs', reachableErrors),
    ...(isExternallyAccessible(service)
      ? requiredOneOf(policies, 'spec.externalTrafficPolicy', spec.externalTrafficPolicy)
      : unset('spec.externalTrafficPolicy', spec.externalTrafficPolicy, 'for externally-accessible services')),
    ...(needsHealthCheck(service)
      ? healthCheckErrors(spec.healthCheckNodePort)
      : unset(
          'spec.healthCheckNodePort',
          spec.healthCheckNodePort,
          "when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
        )),
    ...oneOf(policies, 'spec.internalTrafficPolicy', spec.internalTrafficPolicy),
    ...oneOf(distributions, 'spec.trafficDistribution', spec.trafficDistribution),
  ];
}

/** The port of the health check stays as long as there is one. */
export function trafficChangeErrors(next: KubeObject, old: KubeObject): FieldError[] {
  const changes = next.spec.healthCheckNodePort !== old.spec.healthCheckNodePort;
  return changes && needsHealthCheck(next) && needsHealthCheck(old)
    ? [forbidden('spec.healthCheckNodePort', 'field is immutable')]
    : [];
}

const unset = (path: string, value: unknown, when: string): FieldError[] =>
  value ? [invalid(path, value, `may only be set ${when}`)] : [];

/** One that is left out is given when the Service is written. */
const healthCheckErrors = (port: number | undefined): FieldError[] =>
  port ? portNumber(port).map((detail) => invalid('spec.healthCheckNodePort', port, detail)) : [];

function topologyErrors(annotations: Record<string, string> = {}): FieldError[] {
  const { [MODE]: mode, [HINTS]: hints } = annotations;
  return mode === undefined || hints === undefined || mode === hints
    ? []
    : [invalid(`metadata.annotations[${MODE}]`, mode, `must match annotations[${HINTS}] when both are specified`)];
}

function affinityErrors({ sessionAffinity, sessionAffinityConfig }: KubeObject): FieldError[] {
  const path = 'spec.sessionAffinityConfig';
  if (sessionAffinity !== 'ClientIP') {
    return [
      ...requiredOneOf(affinities, 'spec.sessionAffinity', sessionAffinity),
      ...(sessionAffinity === 'None' && sessionAffinityConfig
        ? [forbidden(path, 'must not be set when session affinity is None')]
        : []),
    ];
  }
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  const at = `${path}.clientIP.timeoutSeconds`;
  if (seconds === undefined) return [required(at, 'when session affinity type is ClientIP')];
  return seconds > 0 && seconds <= MAX_AFFINITY_SECONDS
    ? []
    : [invalid(at, seconds, `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`)];
}
