import { expect, test } from 'vitest';
import { cachedTokens } from './token-cache.ts';

const request = { pod: { namespace: 'default', name: 'web', uid: 'u' }, serviceAccountName: 'default' };

function cache(seconds: number) {
  const clock = { now: 0, granted: 0, fails: false };
  const get = cachedTokens(
    async ({ audience = '' }) => {
      if (clock.fails) throw new Error('the API is away');
      const expirationTimestamp = new Date(clock.now + seconds * 1000).toISOString();
      return { token: `${audience}${++clock.granted}`, expirationTimestamp };
    },
    () => clock.now,
  );
  return { clock, get };
}

test('a token is the same until four fifths of its life are over', async () => {
  const { clock, get } = cache(1000);
  const seen = await Promise.all([get(request), get(request), get({ ...request, audience: 'vault' })]);
  clock.now = 799_999;
  seen.push(await get(request));
  clock.now = 800_000;
  seen.push(await get(request));
  expect(seen).toEqual(['1', '1', 'vault2', '1', '3']);
});

test('a long one is renewed every day', async () => {
  const { clock, get } = cache(1_000_000);
  const seen = [await get(request)];
  clock.now = 24 * 3_600_000;
  seen.push(await get(request));
  expect(seen).toEqual(['1', '2']);
});

test('a failure is not kept', async () => {
  const { clock, get } = cache(1000);
  clock.fails = true;
  await expect(get(request)).rejects.toThrow('the API is away');
  clock.fails = false;
  expect(await get(request)).toBe('1');
});
