/** The ports of a Service: each has a name of its own where there are several, and a place where only it listens. */
import { duplicate, type FieldError, forbidden, invalid, required } from '../../pod/field-error.ts';
import { dns1123Label, portName, portNumber, qualifiedName } from '../../pod/names.ts';
import type { KubeObject } from '../../pod/types.ts';
import { each, follows, requiredOneOf, unique } from '../../pod/validation/check.ts';
import { outOfRange } from './node-port.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];

/** What is wrong with the ports of a Service. */
export function portErrors({ spec }: KubeObject): FieldError[] {
  const ports: KubeObject[] = spec.ports ?? [];
  const needsPorts = spec.type !== 'ExternalName' && spec.clusterIP !== 'None';
  return [
    ...(ports.length === 0 && needsPorts ? [required('spec.ports')] : []),
    ...each(ports, 'spec.ports', (port, at) => [
      ...(ports.length > 1 && !port.name ? [required(`${at}.name`)] : []),
      ...follows(dns1123Label, `${at}.name`, port.name || undefined),
      ...portNumber(port.port).map((detail) => invalid(`${at}.port`, port.port, detail)),
      ...requiredOneOf(protocols, `${at}.protocol`, port.protocol),
      ...targetErrors(`${at}.targetPort`, port.targetPort),
      ...follows(qualifiedName, `${at}.appProtocol`, port.appProtocol),
      ...nodePortErrors(`${at}.nodePort`, port.nodePort, spec.type),
    ]),
    ...unique(
      ports.map(({ name }) => name),
      (i) => `spec.ports[${i}].name`,
    ),
    ...repeated(
      ports.map(({ protocol, nodePort }) => nodePort && `${nodePort}/${protocol}`),
      (i) => duplicate(`spec.ports[${i}].nodePort`, ports[i]!.nodePort),
    ),
    ...repeated(
      ports.map(({ protocol, port }) => `${port}/${protocol}`),
      (i) => duplicate(`spec.ports[${i}]`, { protocol: ports[i]!.protocol, port: ports[i]!.port }),
    ),
  ];
}

const targetErrors = (path: string, target: unknown): FieldError[] =>
  (typeof target === 'string' ? portName(target) : portNumber(target)).map((detail) => invalid(path, target, detail));

function nodePortErrors(path: string, port: number | undefined, type: string): FieldError[] {
  if (!port) return [];
  if (type === 'ClusterIP') return [forbidden(path, "may not be used when `type` is 'ClusterIP'")];
  const refusal = type === 'ExternalName' ? undefined : outOfRange(port);
  return refusal ? [invalid(path, port, refusal)] : [];
}

/** An error for each place that stood before. */
const repeated = (places: (string | undefined)[], error: (index: number) => FieldError): FieldError[] =>
  places.flatMap((place, i) => (place && places.indexOf(place) < i ? [error(i)] : []));
