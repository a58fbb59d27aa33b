import type { V1EndpointSlice } from '@kubernetes/client-node/dist/gen/models/V1EndpointSlice.d.ts';
import type { V1Endpoints } from '@kubernetes/client-node/dist/gen/models/V1Endpoints.d.ts';
import type { V1Service } from '@kubernetes/client-node/dist/gen/models/V1Service.d.ts';
import { ageOf } from '../duration.ts';
import type { Json, KubeObject } from '../types.ts';
import { ageColumn, type Cell, column, nameColumn, wideColumn } from './column.ts';

const SHOWN = 3;
const name = (object: KubeObject) => object.metadata.name ?? '';
const age = (object: KubeObject, now: number) => ageOf(object.metadata.creationTimestamp, now);

/** The first few, and how many more there are. */
const some = (list: string[], none: string): string =>
  list.length > SHOWN ? `${list.slice(0, SHOWN).join(',')} + ${list.length - SHOWN} more...` : list.join(',') || none;

const hostPort = (host: string, port: number): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

function externalIP({ spec, status }: Json<V1Service>): string {
  const external = spec?.externalIPs ?? [];
  switch (spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return external.join(',') || '<none>';
    case 'LoadBalancer': {
      const ingress = (status?.loadBalancer?.ingress ?? []).map((i) => i.ip || i.hostname || '').filter(Boolean);
      return [...new Set(ingress)].sort().concat(external).join(',') || '<pending>';
    }
    case 'ExternalName':
      return spec.externalName ?? '';
    default:
      return '<unknown>';
  }
}

export const servicePrinter = {
  columns: [
    nameColumn,
    column('Type', 'How it is reached.'),
    column('Cluster-IP', 'Its address inside.'),
    column('External-IP', 'Its addresses outside.'),
    column('Port(s)', 'The ports it serves.'),
    ageColumn,
    wideColumn('Selector', 'The labels of its Pods.'),
  ],
  cells(object: KubeObject, now: number): Cell[] {
    const service = object as unknown as Json<V1Service>;
    const { spec } = service;
    const ports = (spec?.ports ?? []).map(
      (p) => `${p.port}${p.nodePort ? `:${p.nodePort}` : ''}/${p.protocol ?? 'TCP'}`,
    );
    const selector = Object.entries(spec?.selector ?? {}).map(([key, value]) => `${key}=${value}`);
    return [
      name(object),
      spec?.type ?? '',
      spec?.clusterIPs?.[0] ?? spec?.clusterIP ?? '<none>',
      externalIP(service),
      ports.join(',') || '<none>',
      age(object, now),
      selector.sort().join(',') || '<none>',
    ];
  },
};

export const endpointsPrinter = {
  columns: [nameColumn, column('Endpoints', 'The addresses behind the Service.'), ageColumn],
  cells(object: KubeObject, now: number): Cell[] {
    const { subsets = [] } = object as unknown as Json<V1Endpoints>;
    const addresses = subsets.flatMap((subset) => {
      const ips = (subset.addresses ?? []).map((a) => a.ip);
      return subset.ports?.length ? subset.ports.flatMap(({ port }) => ips.map((ip) => hostPort(ip, port))) : ips;
    });
    return [name(object), subsets.length === 0 ? '<none>' : some(addresses, ''), age(object, now)];
  },
};

export const endpointSlicePrinter = {
  columns: [
    nameColumn,
    column('AddressType', 'IPv4, IPv6 or FQDN.'),
    column('Ports', 'The ports of every endpoint.'),
    column('Endpoints', 'The addresses behind the Service.'),
    ageColumn,
  ],
  cells(object: KubeObject, now: number): Cell[] {
    const { addressType, endpoints, ports } = object as unknown as Json<V1EndpointSlice>;
    return [
      name(object),
      addressType,
      some(
        (ports ?? []).map((p) => String(p.port ?? p.name ?? '*')),
        '<unset>',
      ),
      some(
        (endpoints ?? []).flatMap((e) => e.addresses),
        '<unset>',
      ),
      age(object, now),
    ];
  },
};
