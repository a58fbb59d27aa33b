/** The ports of a Service on nodes: given to one that wants some, kept, and given back; so is that of its health check. */
import { invalid as invalidField } from '../../pod/field-error.ts';
import { portNumber } from '../../pod/names.ts';
import type { KubeObject } from '../../pod/types.ts';
import { internalError, invalid } from '../errors.ts';
import { freeNodePort, refusalOfNodePort } from './node-port.ts';
import { portErrors } from './service-ports.ts';
import { needsHealthCheck } from './service-traffic.ts';

export const hasNodePorts = ({ spec }: KubeObject): boolean => spec.type === 'NodePort' || spec.type === 'LoadBalancer';

/** True when it gets those that it does not ask for. */
const drawsNodePorts = ({ spec }: KubeObject): boolean =>
  spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);

/** The port on nodes of each port of a Service. */
export const nodePorts = ({ spec }: KubeObject): (number | undefined)[] =>
  (spec.ports ?? []).map(({ nodePort }: KubeObject) => nodePort);

/** The new Service with its ports on nodes. Throws 422 and 500 for one that it may not have. */
export const giveNodePorts = (service: KubeObject, services: readonly KubeObject[]): KubeObject =>
  given(service, undefined, taken(services));

/** For updates: what a Service has stays its own, and what it lacks it gets. */
export function admitNodePorts(services: readonly KubeObject[]): (next: KubeObject, old: KubeObject) => KubeObject {
  const ports = taken(services);
  return (next, old) => given(next, old, ports);
}

/** A client that replaces a Service without naming its ports on nodes keeps them, each by the name of its port. */
export function keepNodePorts(next: KubeObject, old: KubeObject): KubeObject {
  const spec = { ...next.spec };
  if (needsHealthCheck(next) && needsHealthCheck(old) && old.spec.healthCheckNodePort) {
    spec.healthCheckNodePort ||= old.spec.healthCheckNodePort;
  }
  if (hasNodePorts(next) && hasNodePorts(old)) {
    const named = nodePorts(next);
    const before = new Map<string | undefined, number>(
      (old.spec.ports ?? []).map((port: KubeObject) => [port.name, port.nodePort]),
    );
    spec.ports = spec.ports?.map((port: KubeObject) => {
      const kept = before.get(port.name);
      return port.nodePort || !kept || named.includes(kept) ? port : { ...port, nodePort: kept };
    });
  }
  return { ...next, spec };
}

/** The ports on nodes that Services have. Two that are made at the same moment do not see each other (`cluster-ip.ts`). */
const taken = (services: readonly KubeObject[]): Set<number> =>
  new Set(
    services
      .filter(hasNodePorts)
      .flatMap((service) => [...nodePorts(service), service.spec.healthCheckNodePort])
      .filter(Boolean),
  );

function given(service: KubeObject, old: KubeObject | undefined, others: ReadonlySet<number>): KubeObject {
  // What is malformed is told by the validation.
  if (!hasNodePorts(service) || portErrors(service).length > 0) return service;
  const used = new Set(others);
  claimPorts(service, old, used);
  claimHealthCheck(service, old, used);
  const draw = (): number => {
    const port = freeNodePort(used);
    used.add(port);
    return port;
  };
  const { ports, healthCheckNodePort, ...spec } = service.spec;
  const checked = needsHealthCheck(service) ? healthCheckNodePort || draw() : healthCheckNodePort;
  return {
    ...service,
    spec: {
      ...spec,
      ...(ports ? { ports: drawsNodePorts(service) ? withNodePorts(ports, !old, draw) : ports } : {}),
      ...(checked ? { healthCheckNodePort: checked } : {}),
    },
  };
}

/** One number may serve several protocols of the Service. */
function claimPorts(service: KubeObject, old: KubeObject | undefined, used: Set<number>): void {
  const own = new Set(old && hasNodePorts(old) ? nodePorts(old) : []);
  for (const [i, port] of nodePorts(service).entries()) {
    if (!port || own.has(port)) continue;
    const refusal = refusalOfNodePort(port, used);
    if (refusal) {
      const error = invalidField(`spec.ports[${i}].nodePort`, port, refusal);
      throw invalid({ group: '', kind: 'Service' }, service.metadata.name ?? '', [error]);
    }
    own.add(port);
    used.add(port);
  }
}

function claimHealthCheck(service: KubeObject, old: KubeObject | undefined, used: Set<number>): void {
  const port: number | undefined = service.spec.healthCheckNodePort;
  const isNew = needsHealthCheck(service) && !(old && needsHealthCheck(old));
  if (!port || !isNew || portNumber(port).length > 0) return;
  const refusal = refusalOfNodePort(port, used);
  // Upstream takes this one for its own failure.
  if (refusal) throw internalError(`failed to allocate requested HealthCheck NodePort ${port}: ${refusal}`);
  used.add(port);
}

/** Those of a new Service that are the same port by several protocols share one on the nodes (DNS). */
function withNodePorts(ports: KubeObject[], isShared: boolean, draw: () => number): KubeObject[] {
  const drawn = new Map<number, number>();
  return ports.map((port) => {
    if (port.nodePort) return port;
    const asked = ports.find((other) => other.port === port.port && other.nodePort)?.nodePort;
    const nodePort = (isShared && (asked ?? drawn.get(port.port))) || draw();
    drawn.set(port.port, nodePort);
    return { ...port, nodePort };
  });
}
