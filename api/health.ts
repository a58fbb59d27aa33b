/** `/healthz`, `/livez`, `/readyz`: the only paths that need no identity. */
import type { ApiDeps, App } from './deps.ts';

/** How long one check may take, ms. */
const checkTimeout = 5000;

/** Mounts the three. `livez` says that requests are answered, `readyz` and `healthz` that what we depend on is there. */
export function mountHealth(
  app: App,
  { readyChecks = {}, log, store }: Pick<ApiDeps, 'readyChecks' | 'log' | 'store'>,
): void {
  const checks = { store: async () => void (await store.revision()), ...readyChecks };
  app.get('/livez', (c) => c.text('ok'));
  for (const path of ['/readyz', '/healthz']) {
    app.get(path, async (c) => {
      const results = await Promise.all(
        Object.entries(checks).map(async ([name, check]) => ({ name, ok: await passes(name, check, log) })),
      );
      const ready = results.every(({ ok }) => ok);
      if (ready && c.req.query('verbose') === undefined) return c.text('ok');
      // Why a check failed stands in the log: whoever asks here is not known.
      const lines = results.map(({ name, ok }) => (ok ? `[+]${name} ok` : `[-]${name} failed: reason withheld`));
      const name = path.slice(1);
      return c.text(`${lines.join('\n')}\n${name} check ${ready ? 'passed' : 'failed'}\n`, ready ? 200 : 503);
    });
  }
}

async function passes(name: string, check: () => Promise<void>, log: ApiDeps['log']): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${checkTimeout} ms`)), checkTimeout);
  });
  try {
    await Promise.race([check(), late]);
    return true;
  } catch (err) {
    log.warn({ check: name, err }, 'readiness check failed');
    return false;
  } finally {
    clearTimeout(timer);
  }
}
