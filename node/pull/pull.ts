/** Pulling an image with what the Pod's imagePullSecrets hold. */
import { InvalidReference, parseImageReference } from '../../pod/image-reference.ts';
import type { KubeObject, Pod, PodRef } from '../../pod/types.ts';
import { type Runtime, RuntimeError } from '../../runtime/port.ts';
import type { NodeEvent } from '../event-recorder.ts';
import type { ObjectReader } from '../spec/context.ts';
import { type RegistryLogin, registryLogins } from './docker-config.ts';
import { loginsFor } from './keyring.ts';

export interface PullContext {
  runtime: Pick<Runtime, 'pullImage'>;
  read: ObjectReader['read'];
  record(pod: PodRef, event: NodeEvent): void;
}

/**
 * Pulls an image and resolves with the runtime's reference to it. Each login that the Pod has for its registry is tried in
 * turn; without one it is pulled anonymously. A Secret that is not there is an event, and the pull goes on without it.
 * Throws RuntimeError with what the registry said to each try, BadPullSecret, and what `read` throws.
 */
export async function pullImage(ctx: PullContext, pod: Pod, image: string, signal: AbortSignal): Promise<string> {
  const logins = await loginsOf(ctx, pod, image);
  const refusals: RuntimeError[] = [];
  for (const login of logins.length === 0 ? [undefined] : logins) {
    const credentials = login && { username: login.username, password: login.password };
    try {
      return await ctx.runtime.pullImage(image, credentials, signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof RuntimeError) || error.transient) throw error;
      refusals.push(error);
    }
  }
  throw together(refusals);
}

async function loginsOf(ctx: PullContext, pod: Pod, image: string): Promise<RegistryLogin[]> {
  const secrets = await pullSecrets(ctx, pod);
  if (secrets.length === 0) return [];
  try {
    return loginsFor(parseImageReference(image), secrets.flatMap(registryLogins));
  } catch (error) {
    // An id has no registry; what is no name at all is the runtime's to refuse.
    if (error instanceof InvalidReference) return [];
    throw error;
  }
}

async function pullSecrets({ read, record }: PullContext, { metadata, spec }: Pod): Promise<KubeObject[]> {
  const { namespace = '', name = '', uid = '' } = metadata;
  const names = (spec.imagePullSecrets ?? []).flatMap((ref) => ref.name || []);
  const found = await Promise.all(names.map((secret) => read('secrets', namespace, secret)));
  const missing = names.filter((_, index) => !found[index]);
  if (missing.length > 0) {
    const message = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`;
    record({ namespace, name, uid }, { type: 'Warning', reason: 'FailedToRetrieveImagePullSecret', message });
  }
  return found.filter((secret) => secret !== undefined);
}

/** One error for all tries: what is said by several, once. */
function together(refusals: RuntimeError[]): RuntimeError {
  const messages = [...new Set(refusals.map(({ message }) => message))];
  const [first] = refusals as [RuntimeError];
  return messages.length === 1 ? first : new RuntimeError(first.code, `[${messages.join(', ')}]`, { cause: first });
}
