/**
 * Kubernetes quantities (`500m`, `1.5Gi`, `1e3`), exact: kept as whole billionths in a BigInt, the finest step a
 * quantity has. Finer values round away from zero and magnitudes end at 2^63 - 1, as in the API's definition of
 * Quantity.
 */

/** How a quantity was written, which its canonical form keeps. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

export interface Quantity {
  /** The value in billionths. */
  nanos: bigint;
  format: QuantityFormat;
}

/** The text is not a quantity. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const NANO = 1_000_000_000n;
const MAX_NANOS = ((1n << 63n) - 1n) * NANO;
const MAX_TEXT = 128;
/** Beyond any representable magnitude, so that an absurd exponent costs nothing. */
const MAX_EXPONENT = 160;

const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const syntax = /^([+-]?)(\d*)(?:\.(\d*))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,10}))?$/;

const abs = (n: bigint): bigint => (n < 0n ? -n : n);
/** Division that rounds away from zero. */
function divideUp(n: bigint, by: bigint): bigint {
  const quotient = (abs(n) + by - 1n) / by;
  return n < 0n ? -quotient : quotient;
}

/** Reads a quantity. JSON numbers are taken as written. @throws {QuantityError} */
export function parseQuantity(text: string | number): Quantity {
  const match = syntax.exec(String(text));
  const digits = (match?.[2] ?? '') + (match?.[3] ?? '');
  if (!match || digits === '' || match[0].length > MAX_TEXT) {
    throw new QuantityError(
      `a quantity must be a number with an optional suffix (n, u, m, k, M, G, T, P, E; Ki, Mi, Gi, Ti, Pi, Ei; or e3), e.g. "500m" or "1.5Gi"`,
    );
  }
  const [, sign, , fraction = '', suffix = '', exponent] = match;
  const power = binary.indexOf(suffix);
  const isBinary = suffix !== '' && power > 0;
  const tens = exponent !== undefined ? Number(exponent) : isBinary ? 0 : (decimal.indexOf(suffix) - 3) * 3;
  const scale = Math.max(-MAX_EXPONENT, Math.min(MAX_EXPONENT, tens)) - fraction.length + 9;
  const mantissa = BigInt(digits) * (isBinary ? 1024n ** BigInt(power) : 1n);
  const exact = scale >= 0 ? mantissa * 10n ** BigInt(scale) : divideUp(mantissa, 10n ** BigInt(-scale));
  const magnitude = exact > MAX_NANOS ? MAX_NANOS : exact;
  return {
    nanos: sign === '-' ? -magnitude : magnitude,
    format: exponent !== undefined ? 'DecimalExponent' : isBinary ? 'BinarySI' : 'DecimalSI',
  };
}

/** True when the text is a quantity. */
export function isQuantity(text: unknown): text is string | number {
  if (typeof text !== 'string' && typeof text !== 'number') return false;
  try {
    parseQuantity(text);
    return true;
  } catch {
    return false;
  }
}

/** The canonical form: no fraction, the largest suffix that allows it, in the format it was written in. */
export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return '0';
  if (format === 'BinarySI' && nanos % NANO === 0n && abs(nanos) >= 1024n * NANO) {
    let value = nanos / NANO;
    let power = 0;
    while (value % 1024n === 0n && power < binary.length - 1) {
      value /= 1024n;
      power++;
    }
    return `${value}${binary[power]}`;
  }
  let value = nanos;
  let thousands = 0;
  while (value % 1000n === 0n && thousands < decimal.length - 1) {
    value /= 1000n;
    thousands++;
  }
  if (format !== 'DecimalExponent') return `${value}${decimal[thousands]}`;
  return thousands === 3 ? `${value}` : `${value}e${(thousands - 3) * 3}`;
}

/** The canonical form of a text. @throws {QuantityError} */
export const canonicalQuantity = (text: string | number): string => formatQuantity(parseQuantity(text));

/** Negative, zero or positive, as a is smaller, equal or greater than b. */
export const compareQuantity = (a: Quantity, b: Quantity): number =>
  Number(a.nanos > b.nanos) - Number(a.nanos < b.nanos);

/** The sum, in the format of `a` (of `b` when `a` is zero), within the representable range. */
export function addQuantity(a: Quantity, b: Quantity): Quantity {
  const sum = a.nanos + b.nanos;
  const nanos = sum > MAX_NANOS ? MAX_NANOS : sum < -MAX_NANOS ? -MAX_NANOS : sum;
  return { nanos, format: a.nanos === 0n ? b.format : a.format };
}

/** The greater of the two. */
export const maxQuantity = (a: Quantity, b: Quantity): Quantity => (compareQuantity(a, b) >= 0 ? a : b);

/** Whole units (bytes, cores), rounded up. */
export const wholeValue = (q: Quantity): bigint => divideUp(q.nanos, NANO);

/** Thousandths (millicores), rounded up. */
export const milliValue = (q: Quantity): bigint => divideUp(q.nanos, 1_000_000n);

/** The quantity with nothing finer than a thousandth, rounded up, as the API stores resource lists. */
export const roundUpToMilli = (q: Quantity): Quantity => ({ ...q, nanos: milliValue(q) * 1_000_000n });
