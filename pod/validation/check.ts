/** The small words that the rules are written in. All return what is wrong, nothing when all is well. */
import { duplicate, type FieldError, invalid, notSupported, required } from '../field-error.ts';
import type { NameRule } from '../names.ts';

/** The rule applied to each item, with the item's path (`path[2]`). */
export const each = <T>(
  items: readonly T[] | undefined | null,
  path: string,
  rule: (item: T, path: string, index: number) => FieldError[],
): FieldError[] => (items ?? []).flatMap((item, index) => rule(item, `${path}[${index}]`, index));

/** A text that, when given, must follow a rule. */
export const follows = (rule: NameRule, path: string, value: string | undefined | null): FieldError[] =>
  value == null ? [] : rule(value).map((message) => invalid(path, value, message));

/** A text that must be given and follow a rule. */
export const requiredName = (rule: NameRule, path: string, value: string | undefined | null): FieldError[] =>
  value ? follows(rule, path, value) : [required(path)];

/** A value that, when given, must be one of a set. */
export const oneOf = (allowed: readonly string[], path: string, value: string | undefined | null): FieldError[] =>
  value == null || allowed.includes(value) ? [] : [notSupported(path, value, [...allowed].sort())];

/** A value that must be given and be one of a set. */
export const requiredOneOf = (
  allowed: readonly string[],
  path: string,
  value: string | undefined | null,
): FieldError[] => (value ? oneOf(allowed, path, value) : [required(path)]);

/** A whole number that, when given, must lie in a range (ends included). */
export const inRange = (min: number, max: number, path: string, value: number | undefined | null): FieldError[] =>
  value == null || (Number.isInteger(value) && value >= min && value <= max)
    ? []
    : [invalid(path, value, `must be a whole number from ${min} to ${max}`)];

/** A whole number that, when given, must not be negative. */
export const notNegative = (path: string, value: number | undefined | null): FieldError[] =>
  value == null || (Number.isInteger(value) && value >= 0)
    ? []
    : [invalid(path, value, 'must be greater than or equal to 0')];

/** A file's permission bits, when given. */
export const fileMode = (path: string, value: number | undefined | null): FieldError[] =>
  inRange(0, 0o777, path, value).map((error) => ({
    ...error,
    detail: 'must be a number between 0 and 0777 (octal), both inclusive',
  }));

/** One error for each value that stood before. Empty values are not compared. */
export const unique = (values: readonly (string | undefined)[], path: (index: number) => string): FieldError[] =>
  values.flatMap((value, index) => (value && values.indexOf(value) < index ? [duplicate(path(index), value)] : []));

const hasBackstep = (path: string): boolean => path.split('/').includes('..');

/** A path without `..` in it. */
export const noBacksteps = (path: string, value: string): FieldError[] =>
  hasBackstep(value) ? [invalid(path, value, "must not contain '..'")] : [];

/** A path that stays below where it starts. */
export const descendingPath = (path: string, value: string): FieldError[] => [
  ...(value.startsWith('/') ? [invalid(path, value, 'must be a relative path')] : []),
  ...noBacksteps(path, value),
];

/** A file's place in a volume: names that start with `..` are the volume's own. */
export const volumePath = (path: string, value: string): FieldError[] => [
  ...descendingPath(path, value),
  ...(value.startsWith('..') && !hasBackstep(value) ? [invalid(path, value, "must not start with '..'")] : []),
];

/** Equal as JSON, in any order of keys, where null, an empty text and an empty list are the same as nothing. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (isNothing(a) || isNothing(b)) return isNothing(a) && isNothing(b);
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  if (Array.isArray(a) || Array.isArray(b)) return false;
  const keys = new Set([...Object.keys(a as object), ...Object.keys(b as object)]);
  return [...keys].every((key) => sameJson((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}

const isNothing = (value: unknown): boolean =>
  value == null || value === '' || (Array.isArray(value) && value.length === 0);

/** True for an IPv4 address in four decimal parts without leading zeros, or an IPv6 address. */
export function isIP(text: string): boolean {
  return isIPv4(text) || isIPv6(text);
}

const isIPv4 = (text: string): boolean => /^((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(?!$)|$)){4}$/.test(text);

export function isIPv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const parts = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = parts.at(-1);
  const embedded = last?.includes('.') && !text.endsWith('::') ? 1 : 0;
  if (embedded && !isIPv4(last!)) return false;
  const words = embedded ? parts.slice(0, -1) : parts;
  const count = words.length + embedded * 2;
  return words.every((word) => /^[0-9a-fA-F]{1,4}$/.test(word)) && (halves.length === 2 ? count < 8 : count === 8);
}

/** The one way to write an IPv6 address (RFC 5952), in which no part is IPv4 any more. */
export const canonicalIPv6 = (text: string): string => new URL(`http://[${text}]`).hostname.slice(1, -1);

/** IPv4 in the clothes of IPv6: who takes it for the one and who for the other is not said. */
export const isMapped = (text: string): boolean =>
  isIPv6(text) && /^::ffff:[0-9a-f]+:[0-9a-f]+$/.test(canonicalIPv6(text));

/** An address of a host. */
export function ipAddress(path: string, value: string | undefined): FieldError[] {
  const wrong = (detail: string) => [invalid(path, value ?? '', detail)];
  if (!isIP(value ?? '')) return wrong('must be a valid IP address, e.g. 10.9.8.7 or 2001:db8::ffff');
  return isMapped(value!) ? wrong('must not be an IPv4-mapped IPv6 address') : [];
}
