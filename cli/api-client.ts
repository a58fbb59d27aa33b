import { request } from 'node:https';

const TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** How to reach an API: its URL, the PEM of its authority and a bearer token. */
export interface ApiTarget {
  url: string;
  ca: string;
  token: string;
}

/** An answer; `body` is parsed where it is JSON. */
export interface ApiAnswer {
  code: number;
  // biome-ignore lint/suspicious/noExplicitAny: any Kubernetes object, or a Status
  body: any;
}

/** Calls the API as an administrator or a node does. Rejects when it cannot be reached. */
export function createApiClient({ url, ca, token }: ApiTarget) {
  return (method: string, path: string, content?: unknown, contentType = 'application/json'): Promise<ApiAnswer> =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        new URL(path, url),
        {
          method,
          ca,
          headers: { authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': contentType },
          timeout: TIMEOUT_MS,
        },
        (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size > MAX_ANSWER_BYTES) response.destroy(new Error(`${path}: the answer is too large`));
            else chunks.push(chunk);
          });
          response.once('error', reject);
          response.once('end', () => resolve(answer(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'))));
        },
      );
      outgoing.once('timeout', () =>
        outgoing.destroy(new Error(`${method} ${path}: no answer in ${TIMEOUT_MS / 1000} s`)),
      );
      outgoing.once('error', reject);
      outgoing.end(content === undefined ? undefined : typeof content === 'string' ? content : JSON.stringify(content));
    });
}

export type ApiClient = ReturnType<typeof createApiClient>;

function answer(code: number, text: string): ApiAnswer {
  try {
    return { code, body: JSON.parse(text) };
  } catch {
    return { code, body: text };
  }
}
