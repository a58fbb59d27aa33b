/** Gathers what a volume shows, from the API and the Pod itself. */
import type { KubeObject, Pod, Volume } from '../../pod/types.ts';
import { podRef } from '../spec/labels.ts';
import type { Payload } from './atomic-writer.ts';
import type { VolumeContext } from './context.ts';
import { configMapPayload, DEFAULT_MODE, type DownwardItem, downwardPayload, secretPayload } from './payload.ts';

type Source = NonNullable<NonNullable<Volume['projected']>['sources']>[number];
type TokenSource = NonNullable<Source['serviceAccountToken']>;

async function object(
  resource: 'configmaps' | 'secrets',
  pod: Pod,
  ref: { name?: string; optional?: boolean },
  ctx: VolumeContext,
): Promise<KubeObject | undefined> {
  const found = await ctx.read(resource, pod.metadata.namespace!, ref.name ?? '');
  if (found || ref.optional) return found;
  throw new Error(`${resource === 'secrets' ? 'secret' : 'configmap'} "${ref.name}" not found`);
}

/** The user that all containers run as by their own settings; nobody in particular when they differ. */
function commonUser({ spec }: Pod): number | undefined {
  const users = [...spec.containers, ...(spec.initContainers ?? [])].map(
    (container) => container.securityContext?.runAsUser ?? spec.securityContext?.runAsUser,
  );
  return users.every((user) => user === users[0]) ? users[0] : undefined;
}

/** A token is for the Pod's user or group alone where it has one (KEP-1205), and for all of its processes otherwise. */
async function token(pod: Pod, source: TokenSource, defaultMode: number, ctx: VolumeContext): Promise<Payload> {
  const uid = commonUser(pod);
  const isPrivate = uid !== undefined || pod.spec.securityContext?.fsGroup !== undefined;
  const text = await ctx.serviceAccountToken({
    pod: podRef(pod),
    serviceAccountName: pod.spec.serviceAccountName || 'default',
    ...(source.audience && { audience: source.audience }),
    ...(source.expirationSeconds && { expirationSeconds: source.expirationSeconds }),
  });
  const file = { data: Buffer.from(text), mode: isPrivate ? 0o600 : defaultMode, ...(uid !== undefined && { uid }) };
  return new Map([[source.path, file]]);
}

async function projected(pod: Pod, source: Source, mode: number, ctx: VolumeContext): Promise<Payload> {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (configMap) return configMapPayload(await object('configmaps', pod, configMap, ctx), configMap, mode);
  if (secret) return secretPayload(await object('secrets', pod, secret, ctx), secret, mode);
  if (downwardAPI) return downwardPayload(pod, downwardAPI.items as DownwardItem[], ctx.allocatable, mode);
  if (serviceAccountToken) return token(pod, serviceAccountToken, mode, ctx);
  const kind = Object.keys(source)[0] ?? 'without a kind';
  throw new Error(
    `projected source ${kind} is not supported by durapod; use configMap, secret, downwardAPI or serviceAccountToken`,
  );
}

/** Of sources that write the same path the last one counts. Throws what stands in the way, in the kubelet's words. */
export async function collect(pod: Pod, volume: Volume, ctx: VolumeContext): Promise<Payload> {
  const { configMap, secret, downwardAPI } = volume;
  if (configMap) {
    return configMapPayload(await object('configmaps', pod, configMap, ctx), configMap, configMap.defaultMode);
  }
  if (secret) {
    const ref = { name: secret.secretName, optional: secret.optional };
    return secretPayload(await object('secrets', pod, ref, ctx), secret, secret.defaultMode);
  }
  if (downwardAPI) {
    return downwardPayload(pod, downwardAPI.items as DownwardItem[], ctx.allocatable, downwardAPI.defaultMode);
  }
  const { sources = [], defaultMode = DEFAULT_MODE } = volume.projected ?? {};
  const payloads: Payload[] = [];
  for (const source of sources) payloads.push(await projected(pod, source, defaultMode, ctx));
  return new Map(payloads.flatMap((payload) => [...payload]));
}
