import { expect, test } from 'vitest';
import { testApi } from '../testing.ts';

const path = '/api/v1/namespaces/default/configmaps';
const owner = (uid: string, more: object = {}) => ({ apiVersion: 'v1', kind: 'Node', name: 'n', uid, ...more });
const twice = [owner('a'), owner('b', { controller: true }), owner('a'), owner('b'), owner('a')];
const once = [owner('a'), owner('b', { controller: true }), owner('b')];
const warning = '299 - ".metadata.ownerReferences names owners twice, which are kept once: duplicate UID(s): a"';

test.each<[string, string, string, object, Record<string, string>]>([
  ['created', 'POST', path, { name: 'new' }, {}],
  ['replaced', 'PUT', `${path}/old`, { name: 'old' }, {}],
  ['patched', 'PATCH', `${path}/old`, {}, { 'content-type': 'application/merge-patch+json' }],
])('an owner that is named twice is kept once: %s', async (_, method, url, metadata, headers) => {
  await using api = await testApi();
  await api.send('POST', path, { metadata: { name: 'old' } });
  const sent = { metadata: { ...metadata, ownerReferences: twice } };
  const answer = await api.send(method, url, sent, headers);
  expect([answer.body.metadata.ownerReferences, answer.headers.get('warning')]).toEqual([once, warning]);
  const again = await api.send(
    method,
    url.replace('new', ''),
    { metadata: { ...metadata, ownerReferences: once } },
    headers,
  );
  expect(again.headers.get('warning')).toBeNull();
});
