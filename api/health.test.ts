import { expect, test } from 'vitest';
import { testApi } from './testing.ts';

const away = { temporal: () => Promise.reject(new Error('secret reason')) };

/** Of those who are not known. */
async function ask(path: string, readyChecks: Record<string, () => Promise<void>>) {
  await using api = await testApi({ readyChecks });
  const response = await api.app.request(path);
  return [response.status, await response.text()];
}

test.each<[string, number, string]>([
  ['/livez', 200, 'ok'],
  ['/livez?verbose', 200, '[+]ping ok\nlivez check passed\n'],
  ['/livez?verbose=1&exclude=ping', 200, '[+]ping excluded: ok\nlivez check passed\n'],
  ['/readyz', 500, '[+]ping ok\n[+]store ok\n[-]temporal failed: reason withheld\nreadyz check failed\n'],
  ['/healthz', 500, '[+]ping ok\n[+]store ok\n[-]temporal failed: reason withheld\nhealthz check failed\n'],
  ['/readyz?exclude=temporal', 200, 'ok'],
  [
    '/readyz?verbose&exclude=temporal&exclude=store',
    200,
    '[+]ping ok\n[+]store excluded: ok\n[+]temporal excluded: ok\nreadyz check passed\n',
  ],
  [
    '/healthz?exclude=temporal&exclude=x&exclude=etcd&verbose',
    200,
    '[+]ping ok\n[+]store ok\n[+]temporal excluded: ok\nwarn: some health checks cannot be excluded: no matches for "etcd","x"\nhealthz check passed\n',
  ],
])('%s while one check fails', async (path, status, text) => {
  expect(await ask(path, away)).toEqual([status, text]);
});

test.each([
  ['/readyz', 'ok'],
  ['/healthz?verbose', '[+]ping ok\n[+]store ok\n[+]temporal ok\nhealthz check passed\n'],
])('%s while all is well', async (path, text) => {
  expect(await ask(path, { temporal: async () => {} })).toEqual([200, text]);
});

test.each([
  ['/readyz/store', 200, 'ok'],
  ['/livez/ping', 200, 'ok'],
  ['/healthz/temporal', 500, 'internal server error: secret reason\n'],
  ['/livez/temporal', 404, expect.objectContaining({ reason: 'NotFound' })],
])('%s tells those who are known why', async (path, status, body) => {
  await using api = await testApi({ readyChecks: away });
  const known = await api.send('GET', path);
  expect([known.status, known.body]).toEqual([status, body]);
  expect((await api.app.request(path)).status).toBe(401);
});
