/** A container's environment, and the fields of its Pod that the environment and volumes may refer to. */
import type { V1ObjectFieldSelector } from '@kubernetes/client-node/dist/gen/models/V1ObjectFieldSelector.d.ts';
import type { V1ResourceFieldSelector } from '@kubernetes/client-node/dist/gen/models/V1ResourceFieldSelector.d.ts';
import { type FieldError, invalid, notSupported, required } from '../field-error.ts';
import { configKey, dns1123Label, dns1123Subdomain, envName, qualifiedName } from '../names.ts';
import { formatQuantity, isQuantity, parseQuantity } from '../quantity.ts';
import type { Container, Json } from '../types.ts';
import { each, follows, noBacksteps, requiredName } from './check.ts';

type EnvVar = NonNullable<Container['env']>[number];
type EnvFrom = NonNullable<Container['envFrom']>[number];
type ValueFrom = NonNullable<EnvVar['valueFrom']>;

const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
const RESOURCES = ['cpu', 'memory', 'ephemeral-storage'];
const RESOURCE_FIELDS = ['limits', 'requests'].flatMap((kind) => RESOURCES.map((name) => `${kind}.${name}`));
const BYTE_DIVISORS = [
  '1',
  ...['k', 'M', 'G', 'T', 'P', 'E'].flatMap((unit) => [`1${unit}`, `1${unit === 'k' ? 'K' : unit}i`]),
];
const CPU_DIVISORS = ['1', '1m'];

/** The variables of a container. */
export const validateEnv = (env: EnvVar[] | undefined, path: string): FieldError[] =>
  each(env, path, ({ name, value, valueFrom }, at) => [
    ...requiredName(envName, `${at}.name`, name),
    ...(valueFrom ? validateValueFrom(valueFrom, value ?? '', `${at}.valueFrom`) : []),
  ]);

function validateValueFrom(from: ValueFrom, value: string, path: string): FieldError[] {
  const { configMapKeyRef, fieldRef, fileKeyRef, resourceFieldRef, secretKeyRef } = from;
  const sources = [configMapKeyRef, fieldRef, fileKeyRef, resourceFieldRef, secretKeyRef].filter((s) => s != null);
  return [
    ...(fieldRef ? validateFieldRef(fieldRef, ENV_FIELDS, `${path}.fieldRef`) : []),
    ...(resourceFieldRef ? validateResourceFieldRef(resourceFieldRef, `${path}.resourceFieldRef`) : []),
    ...(configMapKeyRef ? keyRef(configMapKeyRef, `${path}.configMapKeyRef`) : []),
    ...(secretKeyRef ? keyRef(secretKeyRef, `${path}.secretKeyRef`) : []),
    ...(fileKeyRef ? fileRef(fileKeyRef, `${path}.fileKeyRef`) : []),
    ...validateSources(sources.length, value, path),
  ];
}

function validateSources(count: number, value: string, path: string): FieldError[] {
  if (count === 0) {
    return [
      invalid(
        path,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      ),
    ];
  }
  if (value !== '') return [invalid(path, '', 'may not be specified when `value` is not empty')];
  return count > 1 ? [invalid(path, '', 'may not have more than one field specified at a time')] : [];
}

const keyRef = ({ name, key }: { name?: string; key: string }, path: string): FieldError[] => [
  ...follows(dns1123Subdomain, `${path}.name`, name ?? ''),
  ...requiredName(configKey, `${path}.key`, key),
];

const fileRef = ({ key, path: file, volumeName }: NonNullable<ValueFrom['fileKeyRef']>, path: string): FieldError[] => [
  ...requiredName(envName, `${path}.key`, key),
  ...requiredName(dns1123Label, `${path}.volumeName`, volumeName),
  ...(file ? noBacksteps(`${path}.path`, file) : [required(`${path}.path`)]),
];

/** A reference to one of `fields` of the Pod, or to a single label or annotation. */
export function validateFieldRef(ref: Json<V1ObjectFieldSelector>, fields: string[], path: string): FieldError[] {
  const { apiVersion, fieldPath } = ref;
  if (!apiVersion) return [required(`${path}.apiVersion`)];
  if (apiVersion !== 'v1') return [notSupported(`${path}.apiVersion`, apiVersion, ['v1'])];
  if (!fieldPath) return [required(`${path}.fieldPath`)];
  const subscript = /^([^[]*)\['(.*)'\]$/s.exec(fieldPath);
  if (!subscript) {
    return fields.includes(fieldPath) ? [] : [notSupported(`${path}.fieldPath`, fieldPath, fields)];
  }
  const [, of, key] = subscript as unknown as [string, string, string];
  if (of === 'metadata.labels') return follows(qualifiedName, `${path}.fieldPath`, key);
  if (of === 'metadata.annotations') return follows(qualifiedName, `${path}.fieldPath`, key.toLowerCase());
  return [
    invalid(`${path}.fieldPath`, fieldPath, 'only metadata.labels and metadata.annotations take a key in brackets'),
  ];
}

/** A reference to a limit or request of a container. */
export function validateResourceFieldRef(
  { resource, divisor }: Json<V1ResourceFieldSelector>,
  path: string,
): FieldError[] {
  if (!resource) return [required(`${path}.resource`)];
  const hugePages = /^(limits|requests)\.hugepages-/.test(resource);
  if (!hugePages && !RESOURCE_FIELDS.includes(resource)) {
    return [notSupported(`${path}.resource`, resource, [...RESOURCE_FIELDS].sort())];
  }
  const divisors = resource.endsWith('.cpu') ? CPU_DIVISORS : BYTE_DIVISORS;
  const canonical = isQuantity(divisor ?? '0') ? formatQuantity(parseQuantity(divisor ?? '0')) : undefined;
  return canonical === '0' || (canonical !== undefined && divisors.includes(canonical))
    ? []
    : [invalid(`${path}.divisor`, divisor, `must be one of ${divisors.join(', ')} for ${resource}`)];
}

/** Whole ConfigMaps and Secrets as variables. */
export const validateEnvFrom = (sources: EnvFrom[] | undefined, path: string): FieldError[] =>
  each(sources, path, ({ configMapRef, prefix, secretRef }, at) => [
    ...follows(envName, `${at}.prefix`, prefix || undefined),
    ...(configMapRef ? requiredName(dns1123Subdomain, `${at}.configMapRef.name`, configMapRef.name) : []),
    ...(secretRef ? requiredName(dns1123Subdomain, `${at}.secretRef.name`, secretRef.name) : []),
    ...(!configMapRef && !secretRef ? [invalid(at, '', 'must specify one of: `configMapRef` or `secretRef`')] : []),
    ...(configMapRef && secretRef ? [invalid(at, '', 'may not have more than one field specified at a time')] : []),
  ]);
