/** Ports on nodes: each of 30000 to 32767 is one Service's at a time, by whatever protocols. */

/** Upstream's default range. */
const [lowest, highest] = [30_000, 32_767];
/** Lower ones are for those who name theirs, as upstream leaves the lower band until the others have gone. */
const lowestDrawn = 30_086;

const all = Array.from({ length: highest - lowest + 1 }, (_, i) => lowest + i);

/** A free port, drawn at random. Throws when all are taken. */
export function freeNodePort(taken: ReadonlySet<number>): number {
  const free = all.filter((port) => !taken.has(port));
  const preferred = free.filter((port) => port >= lowestDrawn);
  const choice = preferred.length > 0 ? preferred : free;
  const [random] = crypto.getRandomValues(new Uint32Array(1));
  const port = choice[random! % choice.length];
  if (!port) throw new Error('no free port on nodes for a Service: delete some');
  return port;
}

/** Why no Service may have this port; undefined when one may. */
export const outOfRange = (port: number): string | undefined =>
  port >= lowest && port <= highest
    ? undefined
    : `provided port is not in the valid range. The range of valid ports is ${lowest}-${highest}`;

/** Why a Service may not have this port now; undefined when it may. */
export const refusalOfNodePort = (port: number, taken: ReadonlySet<number>): string | undefined =>
  outOfRange(port) ?? (taken.has(port) ? 'provided port is already allocated' : undefined);
