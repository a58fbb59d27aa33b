/** The Pod and the container that an action is about. */
import type { KubeObject, Pod, PodRef } from '../../pod/types.ts';
import { badRequest, notFound } from '../errors.ts';
import { keyOf, type Scope } from '../scope.ts';

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

/** Throws 404. */
export async function podOf(scope: Scope): Promise<{ ref: PodRef; object: KubeObject }> {
  const object = await scope.store.get(keyOf(scope));
  if (!object) throw notFound(scope.resource, scope.name);
  return { ref: { namespace: scope.namespace, name: scope.name, uid: object.metadata.uid ?? '' }, object };
}

/** The container asked for; the Pod's default or only one when none is. Throws 400 listing the choices. */
export function containerNamed(object: KubeObject, asked: string | null): string {
  const { spec, metadata } = object as Pod;
  const names = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])].map(
    (c) => c.name,
  );
  const chosen = asked || metadata.annotations?.[DEFAULT_CONTAINER] || (names.length === 1 ? names[0] : undefined);
  if (chosen && names.includes(chosen)) return chosen;
  const why = chosen ? `pod ${metadata.name} has no container ${chosen}` : 'a container must be named';
  throw badRequest(`container: ${why}: choose one of ${names.join(', ')}`);
}
