/** The query parameters that many verbs share. Each throws 400 naming the parameter. */
import { badRequest } from '../errors.ts';

/** A boolean as Kubernetes reads it from a query: present without a value is true. */
export function flag(query: URLSearchParams, name: string): boolean {
  const given = query.get(name);
  return given !== null && !['0', 'false', 'f', 'F', 'False', 'FALSE'].includes(given);
}

/** A whole number from 0 up, or undefined when absent or empty. */
export function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const given = query.get(name);
  if (!given) return undefined;
  if (!/^\d{1,15}$/.test(given))
    throw badRequest(`${name}: Invalid value: "${given}": must be a whole number from 0 up`);
  return Number(given);
}

/** A resourceVersion; undefined when absent or empty. Ours are numbers, to clients they are opaque. */
export function revision(text: string | null | undefined): number | undefined {
  if (!text) return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw badRequest(`resourceVersion: Invalid value: "${text}": use one that this API gave out`);
  return Number(text);
}
