import { expect, test } from 'vitest';
import { testApi, watchLines } from '../testing.ts';

const daemonSets = '/apis/apps/v1/namespaces/kube-system/daemonsets';

test.each([
  [daemonSets, 'DaemonSetList', 'apps/v1'],
  ['/apis/apps/v1/daemonsets', 'DaemonSetList', 'apps/v1'],
  ['/apis/apps/v1/namespaces/default/deployments', 'DeploymentList', 'apps/v1'],
  ['/apis/apps/v1/namespaces/none/replicasets?labelSelector=a%3Db&limit=5', 'ReplicaSetList', 'apps/v1'],
  ['/api/v1/namespaces/kube-system/replicationcontrollers', 'ReplicationControllerList', 'v1'],
])('%s is empty', async (path, kind, apiVersion) => {
  await using api = await testApi();
  const { status, body } = await api.send('GET', path);
  const metadata = { resourceVersion: String(await api.store.revision()) };
  expect([status, body]).toEqual([200, { kind, apiVersion, metadata, items: [] }]);
});

test.each([
  ['GET', `${daemonSets}?labelSelector=a%3D%3D%3D`, 400],
  ['GET', `${daemonSets}?fieldSelector=spec.nothing%3Da`, 400],
  ['GET', `${daemonSets}?limit=x`, 400],
  ['GET', `${daemonSets}?resourceVersion=99999999`, 504],
  ['GET', `${daemonSets}?watch=1&sendInitialEvents=true`, 400],
  ['POST', daemonSets, 405],
  ['DELETE', daemonSets, 405],
  ['GET', `${daemonSets}/one`, 404],
  ['GET', '/apis/apps/v1', 404],
])('%s %s is answered %i', async (method, path, code) => {
  await using api = await testApi();
  const { status, body } = await api.send(method, path, method === 'POST' ? {} : undefined);
  expect([status, body.kind, body.code]).toEqual([code, 'Status', code]);
});

test('a watch of none begins with a bookmark', async () => {
  await using api = await testApi();
  const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=1';
  const headers = { authorization: 'Bearer token' };
  const lines = await watchLines(await api.app.request(`${daemonSets}?${query}`, { headers }), 1);
  const metadata = {
    resourceVersion: String(await api.store.revision()),
    annotations: { 'k8s.io/initial-events-end': 'true' },
  };
  expect(lines).toEqual([{ type: 'BOOKMARK', object: { kind: 'DaemonSet', apiVersion: 'apps/v1', metadata } }]);
});
