import { expect, test } from 'vitest';
import { podsPath, testApi, testPod } from '../testing.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const patches = 'application/merge-patch+json';
const labels = { metadata: { labels: { a: 'b' } } };
const applied = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'b' } });

test.each<[string, string, object?, string?]>([
  ['POST', configMaps, { metadata: { name: 'new' } }],
  ['PUT', `${configMaps}/old`, { metadata: { name: 'old', ...labels.metadata } }],
  ['PATCH', `${podsPath}/web`, labels, patches],
  ['PATCH', `${podsPath}/web/status`, { status: { phase: 'Failed' } }, patches],
  ['PATCH', `${configMaps}/old?fieldManager=m`, applied('old'), 'application/apply-patch+yaml'],
  ['PATCH', `${configMaps}/new?fieldManager=m`, applied('new'), 'application/apply-patch+yaml'],
  ['DELETE', `${podsPath}/web`],
  ['DELETE', `${configMaps}/old`],
  ['DELETE', configMaps],
  ['POST', `${podsPath}/web/binding`, { target: { name: 'n' } }],
  ['POST', `${podsPath}/web/eviction`, { metadata: { name: 'web' } }],
  ['POST', `${podsPath}/web/restart`],
  ['POST', '/api/v1/namespaces/default/serviceaccounts/default/token', {}],
])('%s %s writes nothing that it cannot answer', async (method, path, body, type = 'application/json') => {
  await using api = await testApi();
  await api.send('POST', podsPath, testPod('web'));
  await api.send('POST', configMaps, { metadata: { name: 'old' } });
  const before = await api.store.revision();
  const { status } = await api.send(method, path, body, { accept: 'text/plain', 'content-type': type });
  expect([status, await api.store.revision(), api.acted]).toEqual([406, before, []]);
});

test('how much a table shows is read before anything is written', async () => {
  await using api = await testApi();
  const created = await api.send('POST', `${podsPath}?includeObject=All`, testPod('web'), { accept: table });
  expect([created.status, (await api.send('GET', `${podsPath}/web`)).status]).toEqual([400, 404]);
});

test('a Status is no table', async () => {
  await using api = await testApi();
  await api.send('POST', configMaps, { metadata: { name: 'old' } });
  const { status, body } = await api.send('DELETE', `${configMaps}/old`, undefined, { accept: table });
  expect([status, body.kind, body.details.name]).toEqual([200, 'Status', 'old']);
});
