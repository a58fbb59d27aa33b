/** Writes answers: JSON or YAML, indented for people. */
import { stringify } from 'yaml';
import type { Accepted } from './accept.ts';

/** Indented for browsers and curl, as upstream does, or as `?pretty` says. */
function pretty(request: Request): boolean {
  const asked = new URL(request.url).searchParams.get('pretty');
  if (asked !== null) return asked !== '0' && asked !== 'false';
  return /^(curl|wget|mozilla)/i.test(request.headers.get('user-agent') ?? '');
}

/** The answer with `body` in the format accepted. `type` is the content type of JSON when it is more than that. */
export function answer(
  request: Request,
  body: object,
  { format }: Pick<Accepted, 'format'>,
  {
    status = 200,
    headers = {},
    type = 'application/json',
  }: { status?: number; headers?: Record<string, string>; type?: string } = {},
): Response {
  const all = new Headers(headers);
  all.set('content-type', format === 'yaml' ? 'application/yaml' : type);
  if (!all.has('cache-control')) all.set('cache-control', 'no-cache, private');
  const text = format === 'yaml' ? stringify(body) : `${JSON.stringify(body, null, pretty(request) ? 2 : undefined)}\n`;
  return new Response(text, { status, headers: all });
}

/** Values of `Warning` headers (RFC 7234), which kubectl prints. At most 20, each of at most 256 characters. */
export function withWarnings(response: Response, warnings: readonly string[]): Response {
  for (const text of warnings.slice(0, 20)) {
    const plain = text.replace(/[^\x20-\x7e]/g, '?').slice(0, 256);
    response.headers.append('warning', `299 - "${plain.replace(/[\\"]/g, '\\$&')}"`);
  }
  return response;
}
