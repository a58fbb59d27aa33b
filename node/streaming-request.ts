import type { PodRef } from '../pod/types.ts';
import { StreamingError } from './streaming-error.ts';

/** What a request to the streaming endpoint asks for: the kubelet's paths and parameters. */
export type StreamingRequest =
  | { action: 'containerLogs'; pod: PodRef; container: string; query: URLSearchParams }
  | { action: 'exec' | 'attach'; pod: PodRef; container: string; query: URLSearchParams }
  | { action: 'portForward'; pod: PodRef; query: URLSearchParams };

// Names become part of file names: nothing but what Kubernetes allows in them.
const NAME = /^[A-Za-z0-9]([-A-Za-z0-9._]*[A-Za-z0-9])?$/;

/** Reads `/<action>/<namespace>/<pod>/<uid>[/<container>]?...`. Throws StreamingError. */
export function parseRequest(target: string): StreamingRequest {
  const { pathname, searchParams: query } = new URL(target, 'https://node');
  const [action = '', namespace = '', name = '', uid = '', ...rest] = pathname.slice(1).split('/');
  const [container] = rest;
  const parts = [namespace, name, uid, ...rest];
  const pod = { namespace, name, uid };
  if (parts.every((part) => NAME.test(part))) {
    if (action === 'portForward' && rest.length === 0) return { action, pod, query };
    if (rest.length === 1 && container) {
      if (action === 'containerLogs' || action === 'exec' || action === 'attach') {
        return { action, pod, container, query };
      }
    }
  }
  throw new StreamingError(
    404,
    `nothing is served at ${pathname}: ask for /containerLogs, /exec or /attach with /<namespace>/<pod>/<uid>/<container>, or /portForward/<namespace>/<pod>/<uid>`,
  );
}

/** A parameter that is a number of at least `minimum`; undefined when absent. Throws StreamingError. */
export function numberParam(query: URLSearchParams, name: string, minimum: number): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= minimum) return value;
  throw new StreamingError(400, `${name} must be a whole number of at least ${minimum}, not "${text}"`);
}

/** A parameter that is on with `1` or `true`. */
export function flagParam(query: URLSearchParams, name: string): boolean {
  return ['1', 'true'].includes(query.get(name) ?? '');
}
