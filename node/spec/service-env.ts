/** The variables by which containers find Services (Kubernetes docs: "Discovering services"). Pure. */
import type { KubeObject } from '../../pod/types.ts';

interface ServicePort {
  name?: string;
  port: number;
  protocol?: string;
}

const variable = (name: string): string => name.replaceAll('-', '_').toUpperCase();
const hasAddress = ({ spec }: KubeObject): boolean => Boolean(spec?.clusterIP) && spec.clusterIP !== 'None';
const authority = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

function variables({ metadata, spec }: KubeObject): [string, string][] {
  const prefix = variable(metadata.name!);
  const host: string = spec.clusterIP;
  const ports: ServicePort[] = spec.ports ?? [];
  const named = ports.filter((port) => port.name);
  const links = ports.flatMap(({ port, protocol = 'TCP' }, index): [string, string][] => {
    const scheme = protocol.toLowerCase();
    const url = `${scheme}://${authority(host, port)}`;
    const link = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
    return [
      ...(index === 0 ? [[`${prefix}_PORT`, url] as [string, string]] : []),
      [link, url],
      [`${link}_PROTO`, scheme],
      [`${link}_PORT`, String(port)],
      [`${link}_ADDR`, host],
    ];
  });
  return [
    [`${prefix}_SERVICE_HOST`, host],
    ...(ports[0] ? [[`${prefix}_SERVICE_PORT`, String(ports[0].port)] as [string, string]] : []),
    ...named.map(({ name, port }): [string, string] => [`${prefix}_SERVICE_PORT_${variable(name!)}`, String(port)]),
    ...links,
  ];
}

/**
 * Of the Services with an address of their own: those of the Pod's namespace when it wants links, and `kubernetes`
 * of the namespace `default` always, unless the Pod's namespace has one of that name.
 */
export function serviceEnv(
  inNamespace: KubeObject[],
  kubernetes: KubeObject | undefined,
  enableServiceLinks: boolean,
): Map<string, string> {
  const own = (enableServiceLinks ? inNamespace : []).filter(hasAddress);
  const isTaken = own.some(({ metadata }) => metadata.name === 'kubernetes');
  const all = kubernetes && hasAddress(kubernetes) && !isTaken ? [kubernetes, ...own] : own;
  return new Map(all.sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1)).flatMap(variables));
}
