/**
 * Reads an object that a client sent as protobuf into the JSON it stands for. The schema says what each field is; the
 * messages that are read are those of `field-numbers.ts`.
 */
import type { KubernetesSchema, Type } from '../schema/definitions.ts';
import { numberedFields } from './field-numbers.ts';
import { fieldsOf, WireError, type WireValue } from './wire.ts';

/** The message is one that is not read as protobuf here; JSON is. */
export class NotReadAsProtobuf extends Error {
  override readonly name = 'NotReadAsProtobuf';
}

/** What stands before every object, so that it is not taken for something else. */
const magic = [0x6b, 0x38, 0x73, 0x00];

/** The object with its apiVersion and kind. @throws {WireError | NotReadAsProtobuf} */
export function decodeProtobuf(schema: KubernetesSchema, body: Uint8Array): Record<string, unknown> {
  if (!magic.every((byte, i) => body[i] === byte))
    throw new WireError('the body does not begin as an object in protobuf does');
  const envelope = fieldsOf(body.subarray(magic.length));
  const [apiVersion, kind] = [1, 2].map((number) => text(bytesOf(fieldsOf(bytesOf(envelope, 1)), number))) as [
    string,
    string,
  ];
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  const name = kind === 'DeleteOptions' ? deleteOptions : schema.find(group, version, kind);
  if (!name) throw new NotReadAsProtobuf(`${kind} in ${apiVersion}`);
  return { apiVersion, kind, ...(message(schema.type(name), bytesOf(envelope, 2)) as object) };
}

/** It has one definition for all groups. */
const deleteOptions = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';

const text = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);
const empty = new Uint8Array();
const isBytes = (value: WireValue): value is { number: number; bytes: Uint8Array } => 'bytes' in value;

function bytesOf(fields: readonly WireValue[], number: number): Uint8Array {
  return fields.filter(isBytes).findLast((field) => field.number === number)?.bytes ?? empty;
}

/** A varint as a signed number. */
const numberOf = (value: WireValue | undefined): number =>
  value && 'varint' in value ? Number(BigInt.asIntN(64, value.varint)) : 0;

function message(type: Type, bytes: Uint8Array, name = 'name' in type ? type.name : undefined): unknown {
  if (type.kind !== 'object' || !name) throw new NotReadAsProtobuf('a part of it');
  const numbers = numberedFields(name);
  if (!numbers) throw new NotReadAsProtobuf(name);
  const groups = Map.groupBy(fieldsOf(bytes), ({ number }) => number);
  const result: Record<string, unknown> = {};
  for (const [number, sent] of groups) {
    const field = numbers.get(number);
    if (field?.inline) {
      for (const value of sent.filter(isBytes)) Object.assign(result, message(type, value.bytes, field.inline));
      continue;
    }
    const fieldType = field && type.fields.get(field.name)?.type();
    if (!field || !fieldType) continue;
    const value = fieldValue(fieldType, sent);
    if (field.significant || !isZero(value)) result[field.name] = value;
  }
  return result;
}

const isZero = (value: unknown): boolean =>
  value === undefined ||
  value === '' ||
  value === 0 ||
  value === false ||
  (typeof value === 'object' && Object.keys(value ?? {}).length === 0);

function fieldValue(type: Type, sent: WireValue[]): unknown {
  switch (type.kind) {
    case 'list':
      return sent.map((value) => single(type.items, value));
    case 'map':
      return Object.fromEntries(
        sent.filter(isBytes).map(({ bytes }) => {
          const entry = fieldsOf(bytes);
          const value = entry.findLast(({ number }) => number === 2) ?? { number: 2, bytes: empty };
          return [text(bytesOf(entry, 1)), single(type.values, value)];
        }),
      );
    default:
      return single(type, sent.at(-1)!);
  }
}

function single(type: Type, value: WireValue): unknown {
  const bytes = isBytes(value) ? value.bytes : empty;
  switch (type.kind) {
    case 'string':
      return text(bytes);
    case 'bytes':
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    case 'integer':
      return numberOf(value);
    case 'boolean':
      return numberOf(value) !== 0;
    case 'quantity':
      return text(bytesOf(fieldsOf(bytes), 1));
    case 'time':
      return time(fieldsOf(bytes), 3);
    case 'microTime':
      return time(fieldsOf(bytes), 6);
    case 'intOrString': {
      const fields = fieldsOf(bytes);
      const isString = numberOf(fields.find(({ number }) => number === 1)) === 1;
      return isString ? text(bytesOf(fields, 3)) : numberOf(fields.find(({ number }) => number === 2));
    }
    case 'object':
      return message(type, bytes);
    default:
      throw new NotReadAsProtobuf(`a field of kind ${type.kind}`);
  }
}

/** Seconds and nanoseconds since 1970, of which so many digits are kept; nothing at all is no time. */
function time(fields: WireValue[], digits: 3 | 6): string | undefined {
  if (fields.length === 0) return undefined;
  const [seconds, nanos] = [1, 2].map((wanted) => numberOf(fields.find(({ number }) => number === wanted)));
  const whole = new Date(seconds! * 1000).toISOString().slice(0, -'.000Z'.length);
  return `${whole}.${String(nanos).padStart(9, '0').slice(0, digits)}Z`;
}
