/** Addresses and ranges of them, as upstream reads them since it does so strictly. */
import { type FieldError, invalid } from '../../pod/field-error.ts';
import { canonicalIPv6, ipAddress, isIP, isIPv6, isMapped } from '../../pod/validation/check.ts';

/** Ranges that no address lies in that others than the host itself reach. */
const special: [RegExp, (ip: string) => string][] = [
  [/^(0\.0\.0\.0|[0:]+)$/, (ip) => `may not be unspecified (${ip})`],
  [/^(127\.|[0:]*:0*1$)/, () => 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [/^(169\.254\.|fe[89ab].:)/i, () => 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [/^(224\.0\.0\.|ff.2:)/i, () => 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
];

/** What is wrong with an address that others are to reach. */
export function reachableErrors(ip: string, path: string): FieldError[] {
  const malformed = ipAddress(path, ip);
  if (malformed.length > 0) return malformed;
  return special.filter(([range]) => range.test(ip)).map(([, why]) => invalid(path, ip, why(ip)));
}

/** What is wrong with a range of addresses (`10.0.0.0/8`). */
export function cidrErrors(path: string, range: string): FieldError[] {
  const [address = '', length = '', ...more] = range.split('/');
  const bits = isIP(address) ? bitsOf(address) : '';
  if (!bits || !/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits.length || more.length > 0) {
    return [invalid(path, range, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
  }
  if (isMapped(address)) return [invalid(path, range, 'must not have an IPv4-mapped IPv6 address')];
  return bits.slice(Number(length)).includes('1')
    ? [invalid(path, range, 'must not have bits set beyond the prefix length')]
    : [];
}

function bitsOf(address: string): string {
  if (!isIPv6(address)) return binary(address.split('.').map(Number), 8);
  const [head = '', tail] = canonicalIPv6(address).split('::');
  const words = [head, tail ?? ''].map((half) => (half ? half.split(':') : []));
  const zeros = Array<string>(8 - words.flat().length).fill('0');
  return binary(
    [...words[0]!, ...zeros, ...words[1]!].map((word) => Number.parseInt(word, 16)),
    16,
  );
}

const binary = (numbers: number[], width: number): string =>
  numbers.map((n) => n.toString(2).padStart(width, '0')).join('');
