import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { HttpRequest } from './http-request.ts';
import { decode, MAX_OUTPUT_BYTES, reasonOf } from './text.ts';

const MAX_REDIRECTS = 10;
/** As many as Go's client takes. */
const MAX_HEADER_BYTES = 10 * 1024 * 1024;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export interface HttpAnswer {
  status: number;
  /** The first 10 KiB. */
  body: string;
}

/** The answer began, and its body broke off. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
}

/** The server answered a TLS handshake with something else, such as plain HTTP. */
export class NotTlsError extends Error {
  override readonly name = 'NotTlsError';
}

/**
 * Sends the GET over a connection of its own, without a proxy and without looking at certificates, and follows
 * redirects on the same host until the tenth, as the kubelet does; one to another host is the answer. Rejects when there
 * is no answer, with BodyError when its body breaks off, with NotTlsError, and with the signal's reason.
 */
export async function httpGet(first: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  let request = first;
  for (let redirects = 0; ; redirects++) {
    const response = await send(request, signal);
    try {
      const status = response.statusCode ?? 0;
      const location = REDIRECTS.has(status) ? response.headers.location : undefined;
      const next = location ? redirected(request, location) : undefined;
      if (!next || next.url.hostname !== first.url.hostname) {
        return { status, body: await readBody(response, signal) };
      }
      if (redirects >= MAX_REDIRECTS - 1) throw new Error(`stopped after ${MAX_REDIRECTS} redirects`);
      request = next;
    } finally {
      response.destroy();
    }
  }
}

/** The next request. The Host header of the first goes on only with a relative location: it names this very server. */
function redirected(request: HttpRequest, location: string): HttpRequest {
  const url = URL.parse(location, request.url.href);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new Error('answered with a redirect to what is no HTTP or HTTPS URL');
  }
  return { url, host: URL.canParse(location) ? url.host : request.host, headers: request.headers };
}

function send({ url, host, headers }: HttpRequest, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const hostname = url.hostname.replace(/^\[|\]$/g, '');
    const request = (url.protocol === 'https:' ? tlsRequest : plainRequest)({
      hostname,
      port: url.port || (url.protocol === 'https:' ? 443 : 80),
      path: url.pathname + url.search,
      headers: { ...headers, Host: host },
      // Neither the global agent's kept connections nor its proxy settings.
      agent: false,
      rejectUnauthorized: false,
      // By default the Host header would choose the certificate too.
      servername: isIP(hostname) ? '' : hostname,
      // Servers that the kubelet's client understands are no worse here: line feeds alone, for one.
      insecureHTTPParser: true,
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    const abort = () => request.destroy(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    request.once('close', () => {
      signal.removeEventListener('abort', abort);
      reject(new Error('the connection was closed without an answer'));
    });
    request.on('error', (error) => reject(signal.aborted ? signal.reason : readable(error)));
    request.once('response', resolve);
    // A server may switch protocols unasked (101): its answer ends there.
    request.once('upgrade', (response, socket) => {
      socket.destroy();
      response.push(null);
      resolve(response);
    });
    request.end();
  });
}

async function readBody(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= MAX_OUTPUT_BYTES) break;
    }
    // A body that the end of the connection ends looks whole when it is us who end it.
    if (length < MAX_OUTPUT_BYTES) signal.throwIfAborted();
  } catch (error) {
    throw new BodyError(`the body broke off: ${reasonOf(signal.aborted ? signal.reason : error)}`, { cause: error });
  }
  return decode(Buffer.concat(chunks));
}

/** OpenSSL's own words begin with an address and end with a source line: only the reason between is of use. */
function readable(error: Error): Error {
  const reason = error.message.match(/:SSL routines:[^:]*:([^:]+)/)?.[1];
  if (reason === 'wrong version number') return new NotTlsError('the server does not speak TLS', { cause: error });
  return reason ? new Error(`TLS: ${reason}`, { cause: error }) : error;
}
