/** Nobody is anonymous. */
import { createMiddleware } from 'hono/factory';
import type { ApiDeps, AppEnv } from './deps.ts';
import { unauthorized } from './errors.ts';

/** Keeps who is asking for what follows, or answers 401. */
export const authenticate = (identify: ApiDeps['identify']) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const identity = await identify(c.req.raw, c.env);
    if (!identity) throw unauthorized();
    c.set('identity', identity);
    await next();
  });
