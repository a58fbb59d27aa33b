/** Ports of the node itself, of which each can be had once. */
import type { Pod } from './types.ts';

export interface HostPort {
  ip: string;
  protocol: string;
  port: number;
}

const ALL_ADDRESSES = '0.0.0.0';

/** The host ports of the containers that are there as long as the Pod: main ones and sidecars. */
export function hostPortsOf({ spec }: Pod): HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always');
  return [...sidecars, ...spec.containers]
    .flatMap((container) => container.ports ?? [])
    .filter(({ hostPort }) => hostPort)
    .map(({ hostIP, protocol, hostPort }) => ({
      ip: hostIP || ALL_ADDRESSES,
      protocol: protocol || 'TCP',
      port: hostPort!,
    }));
}

/** Whether none of the ports is among those that are taken. */
export function areFree(wanted: HostPort[], taken: HostPort[]): boolean {
  return !wanted.some((port) => taken.some((other) => conflict(port, other)));
}

function conflict(a: HostPort, b: HostPort): boolean {
  const sameAddress = a.ip === b.ip || a.ip === ALL_ADDRESSES || b.ip === ALL_ADDRESSES;
  return sameAddress && a.protocol === b.protocol && a.port === b.port;
}
