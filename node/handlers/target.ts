import { isIPv6 } from 'node:net';
import type { Runtime } from '../../runtime/port.ts';

/** A port of the container as its spec names it: what a probe or hook may refer to by name. */
export interface ContainerPort {
  name?: string;
  containerPort: number;
}

/** The container that a probe or hook is aimed at, and the way to it. */
export interface Target {
  containerId: string;
  /** The Pod's primary address; empty with host networking. */
  podIP: string;
  /** The node's primary address, which a Pod with host networking shares. */
  hostIP?: string;
  hostNetwork: boolean;
  ports: ContainerPort[];
  runtime: Pick<Runtime, 'execSync'>;
}

/** A handler that cannot be carried out as written: it says nothing about the container's health. */
class HandlerError extends Error {
  override readonly name = 'HandlerError';
}

/**
 * Where a handler without `host` connects to: the Pod's address, which with host networking is the node's.
 * Throws HandlerError while the Pod has none.
 */
export function defaultHost(target: Pick<Target, 'podIP' | 'hostIP' | 'hostNetwork'>): string {
  const host = target.hostNetwork ? target.hostIP || '127.0.0.1' : target.podIP;
  if (!host)
    throw new HandlerError('the Pod has no IP address yet: name a host in the handler, or wait for its network');
  return host;
}

/**
 * A port by number, by the container's name for it, or by digits in a string (in this order, as Kubernetes resolves it).
 * Throws HandlerError when there is no such port.
 */
export function resolvePort(port: number | string, ports: readonly ContainerPort[]): number {
  const number =
    typeof port === 'number'
      ? port
      : (ports.find((p) => p.name === port)?.containerPort ?? (/^\d+$/.test(port) ? Number(port) : undefined));
  if (number === undefined) {
    throw new HandlerError(`the container has no port named "${port}": name one of its ports, or give a number`);
  }
  if (!Number.isInteger(number) || number < 1 || number > 65535) {
    throw new HandlerError(`port ${number} is not between 1 and 65535`);
  }
  return number;
}

/** `host:port`, an IPv6 address in brackets. */
export function hostPort(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
