/**
 * The API as a Hono app: Web-standard Request in, Response out, so it runs wherever Hono does. Of Node it needs only
 * what prom-client asks for; upgrades (exec, attach, port-forward) need sockets and stand in `server.ts`.
 */
import { Hono } from 'hono';
import { authenticate } from './authenticate.ts';
import { authorize } from './authorize.ts';
import type { ApiDeps, App, AppEnv } from './deps.ts';
import { mountDiscovery } from './discovery/index.ts';
import { accepted } from './encode/accept.ts';
import { answer } from './encode/respond.ts';
import { ApiError, failureStatus, noSuchPath, type Status } from './errors.ts';
import { mountHealth, mountHealthChecks } from './health.ts';
import { observe } from './observe.ts';
import { mountOpenApi } from './openapi/index.ts';
import { absentKinds } from './registry/absent.ts';
import { resources } from './registry/index.ts';
import { mountReviews } from './reviews.ts';
import { mountResource } from './routes.ts';
import { ChangeFeed } from './watch/change-feed.ts';

/** Everything the API answers. Failures of any kind become a Status. */
export function createApp(deps: ApiDeps): App {
  const app: App = new Hono<AppEnv>({ strict: false });
  const feed = new ChangeFeed(deps.store);

  app.onError((error, c) => {
    if (!(error instanceof ApiError))
      deps.log.error({ err: error, method: c.req.method, path: c.req.path }, 'request failed');
    return statusResponse(c.req.raw, failureStatus(error));
  });
  app.notFound((c) => statusResponse(c.req.raw, failureStatus(noSuchPath(c.req.path))));

  app.use(observe(deps));
  mountHealth(app, deps);
  app.use(authenticate(deps.identify), authorize);
  mountHealthChecks(app, deps);
  app.get('/metrics', async (c) =>
    c.text(await deps.metrics.metrics(), 200, { 'content-type': deps.metrics.contentType }),
  );
  mountDiscovery(app, deps);
  mountOpenApi(app, deps);
  mountReviews(app, deps);
  deps.podStreams?.(app);
  for (const resource of [...resources, ...absentKinds]) mountResource(app, { deps, feed }, resource);
  return app;
}

/** A failure is told even to a client that accepts none of our formats: as JSON. */
function statusResponse(request: Request, status: Status): Response {
  const headers: Record<string, string> = {};
  if (status.code === 401) headers['www-authenticate'] = 'Bearer realm="durapod"';
  if (status.details?.retryAfterSeconds) headers['retry-after'] = String(status.details.retryAfterSeconds);
  return answer(request, status, { format: formatOf(request) }, { status: status.code, headers });
}

function formatOf(request: Request): 'json' | 'yaml' {
  try {
    return accepted(request.headers.get('accept')).format;
  } catch {
    return 'json';
  }
}
