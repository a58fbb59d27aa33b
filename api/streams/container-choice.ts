import type { Pod } from '../../pod/types.ts';
import { type ApiError, badRequest } from '../errors.ts';

/** Clients and people name here which container is meant when none is. */
const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

/**
 * The container that a request for logs, exec or attach means: the one asked for, the one of the default-container
 * annotation, or the only one. Throws 400 when there is no telling, or no such container.
 */
export function chooseContainer(pod: Pod, asked: string | undefined): string {
  const mains = names(pod.spec.containers);
  const inits = names(pod.spec.initContainers);
  const all = [...mains, ...inits, ...names(pod.spec.ephemeralContainers)];
  if (asked) {
    if (all.includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${pod.metadata.name}`);
  }
  const preferred = pod.metadata.annotations?.[DEFAULT_CONTAINER];
  if (preferred && all.includes(preferred)) return preferred;
  if (mains.length === 1 && mains[0]) return mains[0];
  throw mustBeNamed(pod, mains, inits);
}

function mustBeNamed(pod: Pod, mains: string[], inits: string[]): ApiError {
  const among = inits.length > 0 ? ` or one of the init containers: [${inits.join(' ')}]` : '';
  return badRequest(
    `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${mains.join(' ')}]${among}`,
  );
}

function names(containers: { name: string }[] | undefined): string[] {
  return (containers ?? []).map((container) => container.name);
}
