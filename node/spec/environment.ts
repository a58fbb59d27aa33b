/** A container's environment, in the kubelet's order (Kubernetes docs: "Define Environment Variables for a Container"). */
import { type EnvEntry, expandEnv } from '../../pod/expand.ts';
import { envName } from '../../pod/names.ts';
import type { Container, KubeObject, Pod } from '../../pod/types.ts';
import type { ContainerContext } from './context.ts';
import { ContainerConfigError } from './errors.ts';
import { environmentField, FieldRefError } from './field-ref.ts';
import { type ResourceFieldRef, resourceField } from './resource-field.ts';
import { serviceEnv } from './service-env.ts';

type Context = Pick<ContainerContext, 'read' | 'list' | 'nodeName' | 'hostIPs' | 'podIPs' | 'allocatable'>;
type WithEnv = Pick<Container, 'env' | 'envFrom' | 'resources'>;
type EnvVar = NonNullable<Container['env']>[number];

const DEFAULT_NAMESPACE = 'default';

/** Where a value comes from, by its words in messages. */
interface Source {
  resource: 'configmaps' | 'secrets';
  word: 'ConfigMap' | 'Secret';
}
const configMap: Source = { resource: 'configmaps', word: 'ConfigMap' };
const secret: Source = { resource: 'secrets', word: 'Secret' };

/** Reads each object once for a container, so that all its variables are of one state. */
function cachingReader(ctx: Context, namespace: string) {
  const cache = new Map<string, Promise<KubeObject | undefined>>();
  return async (source: Source, name: string, optional: boolean): Promise<KubeObject | undefined> => {
    const key = `${source.resource}/${name}`;
    const found = cache.get(key) ?? ctx.read(source.resource, namespace, name);
    cache.set(key, found);
    const object = await found;
    if (!object && !optional) throw new ContainerConfigError(`${source.word.toLowerCase()} "${name}" not found`);
    return object;
  };
}
type Read = ReturnType<typeof cachingReader>;

/** A Secret's value as text. An environment holds neither other bytes nor NUL. */
function decode(source: Source, { metadata }: KubeObject, key: string, value: string): string {
  const where = `key ${key} in ${source.word} ${metadata.namespace}/${metadata.name}`;
  let text = value;
  if (source === secret) {
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(value, 'base64'));
    } catch {
      throw new ContainerConfigError(`the value of ${where} is not UTF-8 text; mount it as a volume instead`);
    }
  }
  if (text.includes('\0')) {
    throw new ContainerConfigError(`the value of ${where} contains a NUL byte; mount it as a volume instead`);
  }
  return text;
}

async function fromSources(container: WithEnv, read: Read): Promise<[string, string][]> {
  const result: [string, string][] = [];
  for (const { configMapRef, secretRef, prefix = '' } of container.envFrom ?? []) {
    const source = configMapRef ? configMap : secret;
    const ref = configMapRef ?? secretRef;
    if (!ref) continue;
    const object = await read(source, ref.name ?? '', ref.optional ?? false);
    for (const [key, value] of Object.entries<string>(object?.data ?? {})) {
      if (envName(prefix + key).length === 0) result.push([prefix + key, decode(source, object!, key, value)]);
    }
  }
  return result;
}

/** The value of one key; undefined when it is optional and not there. */
async function keyValue(
  source: Source,
  ref: { name?: string; key: string; optional?: boolean },
  read: Read,
  namespace: string,
): Promise<string | undefined> {
  const object = await read(source, ref.name ?? '', ref.optional ?? false);
  const value = object?.data?.[ref.key];
  if (value !== undefined) return decode(source, object!, ref.key, value);
  if (ref.optional) return undefined;
  throw new ContainerConfigError(`couldn't find key ${ref.key} in ${source.word} ${namespace}/${ref.name}`);
}

async function valueFrom(
  { name, valueFrom }: EnvVar,
  pod: Pod,
  container: WithEnv,
  ctx: Context,
  read: Read,
): Promise<string | undefined> {
  const namespace = pod.metadata.namespace!;
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom!;
  if (fieldRef) return environmentField(pod, fieldRef.fieldPath, ctx);
  if (resourceFieldRef) return resourceField(resourceFieldRef as ResourceFieldRef, pod, container, ctx.allocatable);
  if (configMapKeyRef) return keyValue(configMap, configMapKeyRef, read, namespace);
  if (secretKeyRef) return keyValue(secret, secretKeyRef, read, namespace);
  const kind = Object.keys(valueFrom!)[0] ?? 'nothing';
  throw new ContainerConfigError(`environment variable ${name}: valueFrom.${kind} is not supported by durapod`);
}

async function services(pod: Pod, ctx: Context): Promise<Map<string, string>> {
  const wanted = pod.spec.enableServiceLinks ?? true;
  const [own, kubernetes] = await Promise.all([
    wanted ? ctx.list('services', pod.metadata.namespace!) : [],
    ctx.read('services', DEFAULT_NAMESPACE, 'kubernetes'),
  ]);
  return serviceEnv(own, kubernetes, wanted);
}

/**
 * The variables: envFrom, then env with its references expanded, then those of Services. Throws ContainerConfigError
 * for what is missing; no error text holds a value.
 */
export async function containerEnv(pod: Pod, container: WithEnv, ctx: Context): Promise<Map<string, string>> {
  const read = cachingReader(ctx, pod.metadata.namespace!);
  const serviceVariables = await services(pod, ctx);
  const envFrom = await fromSources(container, read);
  const entries: EnvEntry[] = [];
  for (const variable of container.env ?? []) {
    const { name, value } = variable;
    if (value || !variable.valueFrom) {
      entries.push({ name, value: value ?? '' });
      continue;
    }
    try {
      const resolved = await valueFrom(variable, pod, container, ctx, read);
      if (resolved !== undefined) entries.push({ name, value: resolved, literal: true });
    } catch (error) {
      if (error instanceof FieldRefError) throw new ContainerConfigError(error.message);
      throw error;
    }
  }
  return expandEnv(envFrom, entries, serviceVariables);
}
