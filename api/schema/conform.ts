/**
 * Makes a value conform to a type of the schema, as decoding into a typed struct does: values of a wrong type are errors,
 * unknown fields are dropped and reported, nulls and lists and maps of nothing are dropped, required fields that are
 * missing have their zero value, quantities take their canonical form.
 */
import { canonicalQuantity } from '../../pod/quantity.ts';
import type { Type } from './definitions.ts';

/** The value is not of the type of its field. */
export class TypeMismatch extends Error {
  override readonly name = 'TypeMismatch';
}

/** Nothing in the API nests deeper; a body that does is not an object of ours. */
const maxDepth = 100;
const limits = { 32: [-(2 ** 31), 2 ** 31 - 1], 64: [-(2 ** 63), 2 ** 63 - 1] } as const;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

const nameOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function mismatch(value: unknown, path: string, wanted: string): never {
  throw new TypeMismatch(`cannot unmarshal ${nameOf(value)} into field ${path || '(root)'} of type ${wanted}`);
}

/** RFC 3339, UTC, with the digits Kubernetes writes for this type. */
function time(value: unknown, path: string, digits: 0 | 6): string {
  if (typeof value !== 'string') mismatch(value, path, 'time');
  const at = rfc3339.test(value) ? new Date(value) : new Date(Number.NaN);
  const text = Number.isNaN(at.getTime()) ? '' : at.toISOString();
  // In UTC, too, the year must have four digits.
  if (!/^\d{4}-/.test(text)) {
    throw new TypeMismatch(`parsing time ${JSON.stringify(value)} in field ${path}: write it as 2006-01-02T15:04:05Z`);
  }
  const whole = text.slice(0, 19);
  if (digits === 0) return `${whole}Z`;
  const fraction = /\.(\d+)/.exec(value)?.[1] ?? '';
  return `${whole}.${fraction.padEnd(6, '0').slice(0, 6)}Z`;
}

/**
 * An int64 that a JavaScript number cannot say exactly becomes the nearest that it can: otherwise it could be written as
 * more than an int64, and typed clients could read neither it nor a list it is in. Who sends one means "for ever".
 */
function integer(value: unknown, path: string, bits: 32 | 64): number {
  const [low, high] = limits[bits];
  if (typeof value !== 'number') mismatch(value, path, `int${bits}`);
  if (!Number.isInteger(value) || value < low || value > high) mismatch(value, path, `int${bits} (it is ${value})`);
  return Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}

function quantity(value: unknown, path: string): string {
  if (typeof value !== 'string' && typeof value !== 'number') mismatch(value, path, 'quantity');
  try {
    return canonicalQuantity(value);
  } catch (error) {
    throw new TypeMismatch(`field ${path}: ${(error as Error).message}`);
  }
}

/** What a walk over a value is about. */
interface Walk {
  /** Collects the paths of unknown fields. */
  unknown: string[];
  /** The value is only a part of one: what is missing stays so. */
  partial: boolean;
}

/** The value as the type has it; paths of unknown fields are appended to `unknown`. Throws TypeMismatch. */
export const conform = (type: Type, value: unknown, unknown: string[], partial = false): unknown =>
  conformed(type, value, { unknown, partial }, '', 0);

function conformed(type: Type, value: unknown, walk: Walk, path: string, depth: number): unknown {
  if (depth > maxDepth) throw new TypeMismatch(`field ${path} is nested deeper than ${maxDepth} levels`);
  switch (type.kind) {
    case 'object': {
      if (!isObject(value)) mismatch(value, path, 'object');
      const result: Record<string, unknown> = {};
      for (const [key, item] of Object.entries(value)) {
        const field = type.fields.get(key);
        const at = path ? `${path}.${key}` : key;
        if (!field) walk.unknown.push(at);
        else if (item !== null && item !== undefined) {
          const part = conformed(field.type(), item, walk, at, depth + 1);
          if (walk.partial || !isHollow(field.type(), part)) result[key] = part;
        }
      }
      // As in a struct: what must be there and is not has its zero value, which validation then judges.
      for (const key of walk.partial ? [] : type.required)
        result[key] ??= empty(type.fields.get(key)?.type() ?? { kind: 'any' });
      return result;
    }
    case 'map': {
      if (!isObject(value)) mismatch(value, path, 'map');
      return Object.fromEntries(
        Object.entries(value)
          .filter(([, item]) => item !== undefined)
          .map(([key, item]) => [
            key,
            item === null ? empty(type.values) : conformed(type.values, item, walk, `${path}.${key}`, depth + 1),
          ]),
      );
    }
    case 'list':
      if (!Array.isArray(value)) mismatch(value, path, 'array');
      return value.map((item, i) =>
        item === null ? empty(type.items) : conformed(type.items, item, walk, `${path}[${i}]`, depth + 1),
      );
    case 'integer':
      return integer(value, path, type.bits);
    case 'quantity':
      return quantity(value, path);
    case 'time':
    case 'microTime':
      return time(value, path, type.kind === 'time' ? 0 : 6);
    case 'bytes':
      if (typeof value !== 'string') mismatch(value, path, 'base64 string');
      if (!base64.test(value)) throw new TypeMismatch(`field ${path} is not base64`);
      return value;
    case 'intOrString':
      return typeof value === 'string' ? value : integer(value, path, 32);
    case 'any':
      return value;
    default:
      if (typeof value !== type.kind) mismatch(value, path, type.kind === 'boolean' ? 'bool' : type.kind);
      return value;
  }
}

/** A list or map with nothing in it says no more than none. */
const isHollow = (type: Type, value: unknown): boolean =>
  (type.kind === 'list' || type.kind === 'map') && Object.keys(value as object).length === 0;

/** What stands for a value that is not given and cannot be left out. */
function empty(type: Type): unknown {
  switch (type.kind) {
    case 'object':
      return Object.fromEntries(
        type.required.map((key) => [key, empty(type.fields.get(key)?.type() ?? { kind: 'any' })] as const),
      );
    case 'map':
      return {};
    case 'list':
      return [];
    case 'integer':
    case 'number':
    case 'intOrString':
      return 0;
    case 'boolean':
      return false;
    case 'quantity':
      return '0';
    case 'any':
    case 'time':
    case 'microTime':
      return null;
    default:
      return '';
  }
}
