/** `/openapi/v2`, as little as kubectl needs; `/openapi/v3`: an index, and a document a group, made when first asked for and kept. */
import { apiVersionOf } from '../decode/object.ts';
import type { ApiDeps, App } from '../deps.ts';
import { servedGroups } from '../discovery/served.ts';
import { accepted } from '../encode/accept.ts';
import { answer } from '../encode/respond.ts';
import { ApiError } from '../errors.ts';
import { rootOf } from '../registry/index.ts';
import { groupDocument } from './document.ts';
import { V2_ACCEPTED, V2_TYPE, v2Document } from './v2.ts';

export function mountOpenApi(app: App, { schema, version }: Pick<ApiDeps, 'schema' | 'version'>): void {
  const { gitVersion } = version;
  /** Clients keep a document for as long as its address is the same. */
  const mark = encodeURIComponent(gitVersion);
  app.get('/openapi/v2', (c) => {
    if (!c.req.header('accept')?.includes(V2_ACCEPTED)) {
      throw new ApiError(406, 'NotAcceptable', `/openapi/v2 is there as ${V2_ACCEPTED} alone: read /openapi/v3`);
    }
    return c.body(v2Document(servedGroups, gitVersion), 200, { 'content-type': V2_TYPE });
  });
  app.get('/openapi/v3', (c) => {
    const paths = servedGroups.map((served): [string, object] => {
      const path = rootOf(served).slice(1);
      return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${mark}` }];
    });
    return answer(c.req.raw, { paths: Object.fromEntries(paths) }, accepted(c.req.header('accept') ?? null));
  });
  const documents = new Map<string, object>();
  for (const served of servedGroups) {
    const key = apiVersionOf(served);
    app.get(`/openapi/v3${rootOf(served)}`, (c) => {
      const format = accepted(c.req.header('accept') ?? null);
      const document = documents.get(key) ?? groupDocument(schema, served, gitVersion);
      documents.set(key, document);
      return answer(c.req.raw, document, format);
    });
  }
}
