/** What every request leaves behind: metrics with few labels, and a line in the log. */
import { createMiddleware } from 'hono/factory';
import { Counter, Histogram } from 'prom-client';
import type { ApiDeps, AppEnv } from './deps.ts';

const labels = ['verb', 'resource', 'code'] as const;

/**
 * Counts and times requests by verb, resource and code; what is no resource counts as `other`. A watch is timed until
 * its first byte, not until its end.
 */
export function observe({ metrics, log }: Pick<ApiDeps, 'metrics' | 'log'>) {
  const total = new Counter({
    name: 'durapod_api_requests_total',
    help: 'Requests answered by the API.',
    labelNames: labels,
    registers: [metrics],
  });
  const seconds = new Histogram({
    name: 'durapod_api_request_duration_seconds',
    help: 'Time until the API answered.',
    labelNames: labels,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [metrics],
  });
  return createMiddleware<AppEnv>(async (c, next) => {
    const start = performance.now();
    await next();
    const ms = performance.now() - start;
    const verb = c.get('verb') ?? c.req.method.toLowerCase();
    const resource = c.get('resource') ?? 'other';
    const values = { verb: knownVerbs.has(verb) ? verb : 'other', resource, code: String(c.res.status) };
    total.inc(values);
    seconds.observe(values, ms / 1000);
    const user = c.get('identity')?.name;
    log.debug({ ...values, path: c.req.path, user, ms: Math.round(ms * 10) / 10 }, 'request');
  });
}

const knownVerbs = new Set(
  'create delete deletecollection get list patch update watch post put head options'.split(' '),
);
