/** `pods/proxy`: an HTTP request handed on to a port of the Pod. */
import type { Pod } from '../../pod/types.ts';
import type { Store } from '../../store/port.ts';
import { badRequest, unavailable } from '../errors.ts';
import { readPod } from './pod-target.ts';

/** Until an answer begins. */
const TIMEOUT_MS = 60_000;
/** Of one connection (RFC 9110, 7.6.1), or for the API alone. */
const NOT_HANDED_ON = [
  'authorization',
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Answers with what the Pod answers. `target` is the Pod's name, with `:port` where it is not its first one. */
export async function proxyToPod(
  store: Store,
  namespace: string,
  target: string,
  path: string,
  request: Request,
  timeoutMs = TIMEOUT_MS,
): Promise<Response> {
  const { name, port } = parseTarget(target);
  const url = podUrl(await readPod(store, namespace, name), port);
  const { method, body } = request;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException('no answer', 'TimeoutError')), timeoutMs);
  const answer = await fetch(`${url}${path}${new URL(request.url).search}`, {
    method,
    headers: handedOn(request.headers),
    redirect: 'manual',
    signal: AbortSignal.any([request.signal, late.signal]),
    ...(body && { body, duplex: 'half' }),
  })
    .catch((error: Error) => {
      const cause = error.cause as NodeJS.ErrnoException | undefined;
      throw unavailable(`pod "${name}" does not answer at ${url} (${cause?.code ?? error.name})`);
    })
    .finally(() => clearTimeout(timer));
  const headers = handedOn(answer.headers);
  // The body comes decoded.
  headers.delete('content-encoding');
  return new Response(answer.body, { status: answer.status, headers });
}

/** `name`, `name:port`, `http:name:port`. Throws 400. */
export function parseTarget(target: string): { name: string; port?: number } {
  const parts = target.split(':');
  const scheme = parts.length === 3 ? parts.shift() : 'http';
  if (scheme !== 'http' && scheme !== '')
    throw badRequest(`pods/proxy speaks http only, not "${scheme}": use port-forward`);
  const [name = '', port] = parts;
  if (port === undefined || port === '') return { name };
  const number = Number(port);
  if (Number.isInteger(number) && number > 0 && number < 65_536) return { name, port: number };
  throw badRequest(`"${port}" is no port: write ${name}:<number>`);
}

function podUrl({ metadata, spec, status }: Pod, asked: number | undefined): string {
  const port = asked ?? spec.containers.flatMap((c) => c.ports ?? [])[0]?.containerPort ?? 80;
  const host = status?.podIP;
  if (!host) throw unavailable(`pod "${metadata.name}" has no address yet`);
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function handedOn(from: Headers): Headers {
  const headers = new Headers(from);
  for (const name of NOT_HANDED_ON) headers.delete(name);
  return headers;
}
