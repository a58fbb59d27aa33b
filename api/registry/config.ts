/** ConfigMaps and Secrets: what Pods read, small and possibly immutable. */
import { type FieldError, forbidden, invalid, tooLong } from '../../pod/field-error.ts';
import { configKey } from '../../pod/names.ts';
import type { KubeObject } from '../../pod/types.ts';
import { equal } from '../objects/equal.ts';
import { plain } from './plain.ts';
import { resource, unchanged } from './resource.ts';
import { secretTypeErrors } from './secret-types.ts';

/** Upstream's bound on one object's data, in bytes. */
const maxDataBytes = 1024 * 1024;
const bytes = (text: string): number => new TextEncoder().encode(text).byteLength;
const decodedBytes = (base64: string): number => Math.floor((base64.replace(/=+$/, '').length * 3) / 4);

const keyErrors = (field: string, data: Record<string, unknown> = {}): FieldError[] =>
  Object.keys(data).flatMap((key) => configKey(key).map((detail) => invalid(`${field}[${key}]`, key, detail)));

/** An immutable object keeps what it holds, and stays immutable. */
const immutability =
  (fields: string[]) =>
  (next: KubeObject, old: KubeObject): FieldError[] => {
    if (!old.immutable) return [];
    const held = next.immutable ? [] : [forbidden('immutable', 'field is immutable when `immutable` is set')];
    const changed = fields.filter((field) => !equal(next[field] ?? {}, old[field] ?? {}));
    return [...held, ...changed.map((field) => forbidden(field, 'field is immutable when `immutable` is set'))];
  };

const sum = (sizes: number[]): number => sizes.reduce((total, size) => total + size, 0);
const sizeErrors = (field: string, size: number): FieldError[] =>
  size > maxDataBytes ? [tooLong(field, maxDataBytes)] : [];

export const configmaps = resource({
  plural: 'configmaps',
  kind: 'ConfigMap',
  shortNames: ['cm'],
  namespaced: true,
  strategy: plain({
    namespaced: true,
    validate: ({ data = {}, binaryData = {} }) => [
      ...keyErrors('data', data),
      ...Object.keys(data)
        .filter((key) => Object.hasOwn(binaryData, key))
        .map((key) => invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')),
      ...keyErrors('binaryData', binaryData),
      ...sizeErrors(
        'data',
        sum([...Object.values<string>(data).map(bytes), ...Object.values<string>(binaryData).map(decodedBytes)]),
      ),
    ],
    validateUpdate: immutability(['data', 'binaryData']),
  }),
});

/** `stringData` is a way to write `data`: it is folded in and never kept. */
function foldStringData({ stringData, ...secret }: KubeObject): KubeObject {
  if (!stringData) return secret as KubeObject;
  const encoded = Object.entries<string>(stringData).map(([key, text]) => [key, toBase64(text)]);
  return { ...secret, data: { ...secret.data, ...Object.fromEntries(encoded) } } as KubeObject;
}

function toBase64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}

export const secrets = resource({
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
  strategy: plain({
    namespaced: true,
    defaults: (object) => ({ ...foldStringData(object), type: object.type || 'Opaque' }) as KubeObject,
    validate: (secret) => [
      ...keyErrors('data', secret.data),
      ...sizeErrors('data', sum(Object.values<string>(secret.data ?? {}).map(decodedBytes))),
      ...secretTypeErrors(secret),
    ],
    validateUpdate: (next, old) => [...unchanged('type', next.type, old.type), ...immutability(['data'])(next, old)],
  }),
});
