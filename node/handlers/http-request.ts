import type { Probe } from '../../pod/types.ts';
import { defaultHost, hostPort, resolvePort, type Target } from './target.ts';

export type HttpGetAction = NonNullable<Probe['httpGet']>;

/** One GET. `host` is the Host header; header names are as the user wrote them. */
export interface HttpRequest {
  url: URL;
  host: string;
  headers: Record<string, string[]>;
}

/** Headers that belong to the connection or the body, which a GET of ours decides on itself. */
const OWN_HEADERS = new Set(['host', 'content-length', 'transfer-encoding', 'trailer']);

/**
 * The GET that an httpGet handler asks for: `scheme` HTTP by default, `host` the Pod's address by default, and the
 * kubelet's User-Agent and Accept unless the handler sets its own (an empty one removes it). A Host header changes the
 * name asked for, not where the connection goes. Throws HandlerError when port or address cannot be resolved.
 */
export function httpRequest(action: HttpGetAction, target: Target, userAgent: string): HttpRequest {
  const authority = hostPort(action.host || defaultHost(target), resolvePort(action.port, target.ports));
  const url = new URL(`${(action.scheme || 'HTTP').toLowerCase()}://${authority}`);
  const { pathname, search } = parsePath(action.path ?? '/');
  url.pathname = pathname;
  url.search = search;

  const headers: Record<string, string[]> = {};
  const spelled = new Map<string, string>();
  const add = (name: string, value: string) => {
    const key = spelled.get(name.toLowerCase()) ?? name;
    spelled.set(name.toLowerCase(), key);
    headers[key] = [...(headers[key] ?? []), value];
  };
  for (const { name, value } of action.httpHeaders ?? []) add(name, value);
  for (const [name, value] of [
    ['User-Agent', userAgent],
    ['Accept', '*/*'],
  ] as const) {
    const key = spelled.get(name.toLowerCase());
    if (key === undefined) add(name, value);
    else if (headers[key]?.[0] === '') delete headers[key];
  }
  const host = headers[spelled.get('host') ?? '']?.[0] || authority;
  for (const name of Object.keys(headers)) if (OWN_HEADERS.has(name.toLowerCase())) delete headers[name];
  return { url, host, headers };
}

/** Path and query of what a handler calls its path; what is no URL at all is taken as a plain path. */
function parsePath(path: string): { pathname: string; search: string } {
  return URL.parse(path, 'http://handler') ?? { pathname: path, search: '' };
}

/** The request's URL for a message: without the query, which may hold a secret. */
export function describeUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
