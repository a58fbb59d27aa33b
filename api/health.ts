/** `/healthz`, `/livez`, `/readyz`, the only paths that need no identity, and each of their checks, which does. */
import { messageOf } from '../pod/message-of.ts';
import type { ApiDeps, App } from './deps.ts';

/** How long one check may take, ms. */
const checkTimeout = 5000;

type Check = () => Promise<void>;
type HealthDeps = Pick<ApiDeps, 'readyChecks' | 'log' | 'store'>;

/** `livez` says that requests are answered, `readyz` and `healthz` that what we depend on is there. */
function checksOf({ readyChecks = {}, store }: HealthDeps): [string, Record<string, Check>][] {
  const ping = async () => {};
  const ready = { ping, store: async () => void (await store.revision()), ...readyChecks };
  return [
    ['livez', { ping }],
    ['readyz', ready],
    ['healthz', ready],
  ];
}

/** Mounts the three. `?verbose` shows each check, `?exclude=NAME` leaves one out. */
export function mountHealth(app: App, deps: HealthDeps): void {
  for (const [name, checks] of checksOf(deps)) {
    app.get(`/${name}`, async (c) => {
      const excluded = new Set(c.req.queries('exclude'));
      const results = await Promise.all(
        Object.entries(checks).map(([name, check]) => result(name, excluded.has(name) ? undefined : check, deps.log)),
      );
      const isHealthy = results.every(({ ok }) => ok);
      if (isHealthy && c.req.query('verbose') === undefined) return c.text('ok');
      const unknown = [...excluded].filter((name) => !(name in checks)).sort();
      const lines = [
        ...results.map(({ line }) => line),
        ...(unknown.length > 0
          ? [
              `warn: some health checks cannot be excluded: no matches for ${unknown.map((n) => JSON.stringify(n)).join(',')}`,
            ]
          : []),
        `${name} check ${isHealthy ? 'passed' : 'failed'}`,
      ];
      return c.text(`${lines.join('\n')}\n`, isHealthy ? 200 : 500);
    });
  }
}

/** Mounts each check by itself, for those who may know why it fails. */
export function mountHealthChecks(app: App, deps: HealthDeps): void {
  for (const [name, checks] of checksOf(deps)) {
    for (const [checkName, check] of Object.entries(checks)) {
      app.get(`/${name}/${checkName}`, async (c) => {
        const failure = await failureOf(checkName, check, deps.log);
        return failure === undefined ? c.text('ok') : c.text(`internal server error: ${failure}\n`, 500);
      });
    }
  }
}

/** Why a check failed stands in the log: whoever asks here is not known. */
async function result(name: string, check: Check | undefined, log: ApiDeps['log']) {
  if (!check) return { ok: true, line: `[+]${name} excluded: ok` };
  const ok = (await failureOf(name, check, log)) === undefined;
  return { ok, line: ok ? `[+]${name} ok` : `[-]${name} failed: reason withheld` };
}

async function failureOf(name: string, check: Check, log: ApiDeps['log']): Promise<string | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${checkTimeout} ms`)), checkTimeout);
  });
  try {
    await Promise.race([check(), late]);
    return undefined;
  } catch (err) {
    log.warn({ check: name, err }, 'health check failed');
    return messageOf(err);
  } finally {
    clearTimeout(timer);
  }
}
