/** For tests: the app over a store in memory, at a fixed time, and a client that speaks JSON. */
import { generateKeyPairSync } from 'node:crypto';
import { Registry } from 'prom-client';
import { ensureTool } from '../cli/tools.ts';
import type { KubeObject } from '../pod/types.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { createApp } from './app.ts';
import { bootstrap } from './bootstrap.ts';
import type { ApiDeps } from './deps.ts';
import { createHolderOf } from './identity.ts';
import { reconcile } from './namespaces.ts';
import { loadSchema } from './schema/load.ts';
import { accountOf } from './service-accounts/identity.ts';
import { createTokenIssuer } from './service-accounts/token-issuer.ts';

const testTime = new Date('2026-01-02T03:04:05Z');

const testKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every kind
  body: any;
  headers: Headers;
}

type Send = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

/** The schema that is served, fetched when it is not here yet. */
export async function testSchema() {
  return loadSchema(await ensureTool('kubernetes-schema'));
}

/** Everything a test of the API needs. `acted` lists what was asked of running Pods. */
export async function testApi(given: Partial<ApiDeps> = {}) {
  const store = openSqliteStore(':memory:');
  const acted: object[] = [];
  const logged: unknown[] = [];
  const note = (fields: object): void => void logged.push(fields);
  const deps: ApiDeps = {
    store,
    schema: await testSchema(),
    identify: async (request) => {
      const token = request.headers.get('authorization')?.replace('Bearer ', '');
      return token ? deps.holderOf(token) : undefined;
    },
    holderOf: createHolderOf(new Map([['token', { name: 'ann', groups: ['users'] }]]), (...asked) =>
      accountOf(deps, ...asked),
    ),
    pods: {
      createFile: async ({ content, ...file }) =>
        void acted.push({ ...file, content: new TextDecoder().decode(content) }),
      restartContainer: async (target) => void acted.push({ restart: target }),
      restartPod: async (target) => void acted.push({ restart: target }),
    },
    tokens: createTokenIssuer(testKey, () => testTime),
    version: { gitVersion: 'v1.36.3+durapod.test' },
    now: () => testTime,
    log: { debug() {}, info() {}, warn: note, error: note },
    metrics: new Registry(),
    ...given,
  };
  await bootstrap(store, { now: deps.now, port: 6443 });
  await reconcile({ ...deps, caCertificate: 'the certificate' }, 'default');
  const app = createApp(deps);

  const send: Send = async (method, path, body, headers = {}) => {
    const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const response = await app.request(path, {
      method,
      body: raw ? (body as string | undefined) : JSON.stringify(body),
      headers: {
        authorization: 'Bearer token',
        ...(raw ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.startsWith('application/json');
    return { status: response.status, body: json ? JSON.parse(text) : text, headers: response.headers };
  };
  return { app, deps, store, send, acted, logged, [Symbol.asyncDispose]: () => store.close() };
}

/** The code of an answer, and each thing that it says is wrong, as a person reads it. */
export const told = ({ status, body }: Answer): [number, ...string[]] => [
  status,
  ...(body.details?.causes ?? []).map(({ field, message }: Record<string, string>) => `${field}: ${message}`),
];

export const podsPath = '/api/v1/namespaces/default/pods';

/** A small Pod. */
export const testPod = (name: string, labels?: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...(labels ? { labels } : {}) },
  spec: { containers: [{ name: 'main', image: 'busybox:v1' }] },
});

/** The lines of a watch until `count` have come or it ends. */
export async function watchLines(response: Response, count: number): Promise<{ type: string; object: KubeObject }[]> {
  const lines: string[] = [];
  let rest = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop()!;
    lines.push(...parts);
    if (lines.length >= count) break;
  }
  return lines.map((line) => JSON.parse(line));
}
