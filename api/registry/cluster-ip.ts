/** Addresses of Services: one of 10.96.0.0/16 that no Service has. */
import type { Store } from '../../store/port.ts';

/** The API's own Service has the first one. */
export const apiServiceIP = '10.96.0.1';
/** Lower ones are for those who name theirs, as upstream leaves the lower band free. */
const lowest = 256;
const highest = 65_534;

/**
 * A free address, drawn at random: two Services made at the same moment may in theory draw the same one (one in
 * 65,000), which only matters to who would route to it. Throws when all are taken.
 */
export async function clusterIP(store: Store): Promise<string> {
  const { items } = await store.list('services');
  const taken = new Set(items.map((service) => service.spec?.clusterIP));
  const size = highest - lowest + 1;
  const [random] = crypto.getRandomValues(new Uint32Array(1));
  for (let i = 0; i < size; i++) {
    const n = lowest + ((random! + i) % size);
    const address = `10.96.${n >> 8}.${n & 255}`;
    if (!taken.has(address)) return address;
  }
  throw new Error('no free address for a Service: delete some');
}
