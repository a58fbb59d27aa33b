import type { App } from '../deps.ts';
import { badRequest } from '../errors.ts';
import { openLog, type StreamDeps } from './log.ts';
import { proxyToPod } from './proxy.ts';

const POD = '/api/v1/namespaces/:namespace/pods/:name';

/** Mounts what streams from a Pod over plain HTTP: its log. The rest upgrades and never comes here as it should. */
export function streamRoutes(app: App, deps: StreamDeps): void {
  app.get(`${POD}/log`, async (c) => {
    const { namespace, name } = c.req.param();
    const params = new URL(c.req.url).searchParams;
    const body = await openLog(deps, namespace, name, params, c.req.raw.signal);
    return c.body(body, 200, { 'content-type': 'text/plain', 'cache-control': 'no-store' });
  });

  const proxied = `${POD}/proxy`;
  app.all(`${proxied}/*`, (c) => proxy(deps, c.req.param('namespace'), c.req.param('name'), c.req.raw));
  app.all(proxied, (c) => proxy(deps, c.req.param('namespace'), c.req.param('name'), c.req.raw));

  for (const subresource of ['exec', 'attach', 'portforward']) {
    app.on(['GET', 'POST'], `${POD}/${subresource}`, () => {
      throw badRequest(`Upgrade request required: ${subresource} needs WebSocket or SPDY/3.1`);
    });
  }
}

function proxy({ store }: StreamDeps, namespace: string, target: string, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  // What comes after stays as the client wrote it.
  const path = pathname.split('/').slice(8).join('/');
  return proxyToPod(store, namespace, target, `/${path}`, request);
}
