/** Addresses of Services: each of 10.96.0.0/16 is one Service's at a time. */
import type { KubeObject } from '../../pod/types.ts';

/** The API's own Service has the first one. */
export const apiServiceIP = '10.96.0.1';
const range = '10.96.0.0/16';
/** Lower ones are for those who name theirs, as upstream leaves the lower band free. */
const lowest = 256;
const highest = 65_534;

/**
 * The addresses that Services have. Two that are made at the same moment do not see each other, and may in theory draw
 * the same one (one in 65,000), or name it both; which only matters to who would route to it.
 */
export const takenIPs = (services: readonly KubeObject[]): Set<string> =>
  new Set(services.flatMap(({ spec }) => spec?.clusterIP ?? []));

/** A free address, drawn at random. Throws when all are taken. */
export function freeIP(taken: ReadonlySet<string>): string {
  const size = highest - lowest + 1;
  const [random] = crypto.getRandomValues(new Uint32Array(1));
  for (let i = 0; i < size; i++) {
    const n = lowest + ((random! + i) % size);
    const address = `10.96.${n >> 8}.${n & 255}`;
    if (!taken.has(address)) return address;
  }
  throw new Error('no free address for a Service: delete some');
}

/** Why a Service may not have this address (a well-formed one); undefined when it may. */
export function refusalOfIP(address: string, taken: ReadonlySet<string>): string | undefined {
  const isOurs = /^10\.96\.\d+\.\d+$/.test(address) && address !== '10.96.0.0' && address !== '10.96.255.255';
  if (!isOurs) return `the provided IP is not in the valid range. The range of valid IPs is ${range}`;
  return taken.has(address) ? 'provided IP is already allocated' : undefined;
}
