/**
 * `/openapi/v2`, as little as kubectl needs; `/openapi/v3`: an index, and a document a group, made when first asked for
 * and kept. The address of a document has its hash, so that clients may keep it as well.
 */
import { etag } from 'hono/etag';
import { apiVersionOf } from '../decode/object.ts';
import type { ApiDeps, App } from '../deps.ts';
import { type ServedGroup, servedGroups } from '../discovery/served.ts';
import { accepted } from '../encode/accept.ts';
import { answer } from '../encode/respond.ts';
import { ApiError } from '../errors.ts';
import { rootOf } from '../registry/index.ts';
import { groupDocument } from './document.ts';
import { V2_ACCEPTED, V2_TYPE, v2Document } from './v2.ts';

interface Published {
  document: object;
  hash: string;
}

export function mountOpenApi(app: App, { schema, version, now }: Pick<ApiDeps, 'schema' | 'version' | 'now'>): void {
  const { gitVersion } = version;
  const made = new Map<string, Promise<Published>>();
  const published = (served: ServedGroup): Promise<Published> => {
    const key = apiVersionOf(served);
    const found = made.get(key) ?? publish(groupDocument(schema, served, gitVersion));
    made.set(key, found);
    return found;
  };
  app.get('/openapi/v2', (c) => {
    if (!c.req.header('accept')?.includes(V2_ACCEPTED)) {
      throw new ApiError(406, 'NotAcceptable', `/openapi/v2 is there as ${V2_ACCEPTED} alone: read /openapi/v3`);
    }
    return c.body(v2Document(servedGroups, gitVersion), 200, { 'content-type': V2_TYPE });
  });
  app.use('/openapi/v3/*', etag());
  app.get('/openapi/v3', async (c) => {
    const paths = servedGroups.map(async (served): Promise<[string, object]> => {
      const { hash } = await published(served);
      return [rootOf(served).slice(1), { serverRelativeURL: addressOf(served, hash) }];
    });
    const index = { paths: Object.fromEntries(await Promise.all(paths)) };
    return answer(c.req.raw, index, accepted(c.req.header('accept') ?? null));
  });
  for (const served of servedGroups) {
    app.get(pathOf(served), async (c) => {
      const format = accepted(c.req.header('accept') ?? null);
      const { document, hash } = await published(served);
      const asked = c.req.query('hash');
      const headers = { etag: `"${hash}"`, vary: 'Accept' };
      if (!asked) return answer(c.req.raw, document, format, { headers });
      if (asked !== hash) {
        return new Response(null, { status: 301, headers: { ...headers, location: addressOf(served, hash) } });
      }
      return answer(c.req.raw, document, format, { headers: { ...headers, ...keptForEver(now()) } });
    });
  }
}

const pathOf = (served: ServedGroup): string => `/openapi/v3${rootOf(served)}`;
const addressOf = (served: ServedGroup, hash: string): string => `${pathOf(served)}?hash=${hash}`;

async function publish(document: object): Promise<Published> {
  const bytes = await crypto.subtle.digest('SHA-512', new TextEncoder().encode(JSON.stringify(document)));
  return { document, hash: Buffer.from(bytes).toString('hex').toUpperCase() };
}

/** A year, as upstream says it. */
function keptForEver(now: Date): Record<string, string> {
  const expires = new Date(now);
  expires.setUTCFullYear(now.getUTCFullYear() + 1);
  return { 'cache-control': 'public, immutable', expires: expires.toUTCString() };
}
