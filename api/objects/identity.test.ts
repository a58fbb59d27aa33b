import { expect, test } from 'vitest';
import { testApi } from '../testing.ts';

test('a namespace given to what stands in none is dropped', async () => {
  await using api = await testApi();
  const classes = '/apis/node.k8s.io/v1/runtimeclasses';
  const sent = { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'a', namespace: 'x' } };
  const full = { ...sent, handler: 'runc' };
  const send = (method: string, path: string, body: object, type = 'json') =>
    api.send(method, `${classes}${path}`, JSON.stringify(body), { 'content-type': `application/${type}` });
  const created = await send('POST', '', full);
  const { resourceVersion } = created.body.metadata;
  const answers = [
    created,
    await send('PUT', '/a', { ...full, metadata: { ...full.metadata, resourceVersion } }),
    await send('PATCH', '/a', { metadata: { namespace: 'x' } }, 'merge-patch+json'),
    await send('PATCH', '/a?fieldManager=m', full, 'apply-patch+yaml'),
    await send('PATCH', '/b?fieldManager=m', { ...full, metadata: { name: 'b', namespace: 'x' } }, 'apply-patch+yaml'),
  ];
  expect(answers.map(({ status, body }) => [status, body.message ?? body.metadata.namespace])).toEqual([
    [201, undefined],
    [200, undefined],
    [200, undefined],
    [200, undefined],
    [201, undefined],
  ]);
});
