/** The address of a machine as the kubelet finds it: of the interface that its default route leaves by. */
import type { NetworkInterfaceInfo } from 'node:os';

export interface Network {
  /** `/proc/net/route` and `/proc/net/ipv6_route`; empty without that family. */
  ipv4Routes: string;
  ipv6Routes: string;
  /** By name, as the system lists them. */
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>;
}

type Family = NetworkInterfaceInfo['family'];

const LOOPBACK = { name: 'lo', address: '127.0.0.1' };
/** `RTF_REJECT`: who goes there is told that there is no way. */
const REJECT = 0x200;

/** IPv4 comes first; loopback when no default route leads out. */
export function ownAddress({ ipv4Routes, ipv6Routes, interfaces }: Network): string {
  const on = (name: string, family: Family) =>
    interfaces[name]?.find((one) => one.family === family && isGlobal(one.address))?.address;
  const routes: [string, Family][] = [
    ...defaultsOfIPv4(ipv4Routes).map((name): [string, Family] => [name, 'IPv4']),
    ...defaultsOfIPv6(ipv6Routes).map((name): [string, Family] => [name, 'IPv6']),
  ];
  for (const [name, family] of routes) {
    // A router whose links have addresses of their own alone keeps its address on the loopback interface.
    const address = on(name, family) ?? on(LOOPBACK.name, family);
    if (address) return address;
  }
  return LOOPBACK.address;
}

/** Interfaces of the default routes, the preferred first, as the kernel lists them. */
function defaultsOfIPv4(table: string): string[] {
  return rows(table)
    .filter(([, destination, , flags, , , , mask]) => isZero(destination) && isZero(mask) && !rejects(flags))
    .map(([name = '']) => name);
}

function defaultsOfIPv6(table: string): string[] {
  return rows(table)
    .filter(([destination, length, , , , , , , flags]) => isZero(destination) && isZero(length) && !rejects(flags))
    .map((fields) => fields[9] ?? '');
}

const rows = (table: string): string[][] => table.split('\n').map((line) => line.trim().split(/\s+/));
const isZero = (field = 'none'): boolean => /^0+$/.test(field);
const rejects = (flags = ''): boolean => (Number.parseInt(flags, 16) & REJECT) !== 0;

/** Not of this machine or its link alone. */
function isGlobal(address: string): boolean {
  return !/^(127\.|169\.254\.|::1$|fe[89ab])/.test(address);
}
