/** What the server fills into the metadata of an object that a client creates. */
import type { KubeObject } from '../../pod/types.ts';
import { badRequest } from '../errors.ts';
import { timestamp } from './time.ts';

/** No vowels and nothing that looks like another, so that no name spells a word (as upstream's generated names). */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
const maxGenerated = 63 - suffixLength;

/** `base` (cut to fit a label) and five characters, drawn at random or by the numbers given. */
export function generatedName(base: string, numbers?: Iterable<number>): string {
  const drawn = Array.from(numbers ?? crypto.getRandomValues(new Uint32Array(suffixLength))).slice(0, suffixLength);
  return base.slice(0, maxGenerated) + drawn.map((n) => alphabet[n % alphabet.length]).join('');
}

/**
 * The object with its identity: name, namespace, uid, creation time; without what only the server may set.
 * `namespace` is the path's, empty for cluster scope. Throws 400.
 */
export function identified(object: KubeObject, namespaced: boolean, namespace: string, now: Date): KubeObject {
  const { metadata } = object;
  if (metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
  const home = placed(metadata.namespace, namespace, namespaced);
  const name = metadata.name || (metadata.generateName ? generatedName(metadata.generateName) : undefined);
  const {
    deletionTimestamp: _1,
    deletionGracePeriodSeconds: _2,
    generation: _3,
    managedFields: _4,
    selfLink: _5,
    resourceVersion: _6,
    namespace: _7,
    ...given
  } = metadata;
  return {
    ...object,
    metadata: {
      ...given,
      ...(name ? { name } : {}),
      ...(home ? { namespace: home } : {}),
      uid: crypto.randomUUID(),
      creationTimestamp: timestamp(now),
    },
  };
}

/** The object with the name of the path, which it may repeat but not contradict. Throws 400. */
export function named(object: KubeObject, name: string): KubeObject {
  const { name: given } = object.metadata;
  if (given && given !== name) {
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
  }
  return { ...object, metadata: { ...object.metadata, name } };
}

/** The namespace of the path, which the object may repeat but not contradict; what stands in none has none. Throws 400. */
export function placed(given: string | undefined, namespace: string, namespaced: boolean): string | undefined {
  if (!namespaced) return undefined;
  if (given && given !== namespace) {
    throw badRequest(
      `the namespace of the provided object does not match the namespace sent on the request (${given}, ${namespace})`,
    );
  }
  return namespace;
}
