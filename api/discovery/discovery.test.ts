import { expect, test } from 'vitest';
import { testApi } from '../testing.ts';

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

// biome-ignore lint/suspicious/noExplicitAny: an answer as it comes
const plurals = (items: any[]) =>
  items.flatMap((g) => g.versions[0].resources.map((r: { resource: string }) => r.resource));

test('both forms tell of the same resources', async () => {
  await using api = await testApi();
  const core = await api.send('GET', '/api', undefined, { accept: aggregated });
  const named = await api.send('GET', '/apis', undefined, { accept: aggregated });
  expect(core.headers.get('content-type')).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
  const groups = (await api.send('GET', '/apis')).body.groups.map((g: { name: string }) => g.name);
  expect(named.body.items.map((g: { metadata: { name: string } }) => g.metadata.name)).toEqual(groups);
  const lists = [await api.send('GET', '/api/v1')];
  for (const group of groups) lists.push(await api.send('GET', `/apis/${group}/v1`));
  const older = lists.flatMap(({ body }) => body.resources.map((r: { name: string }) => r.name));
  expect(older.filter((name) => !name.includes('/'))).toEqual(plurals([...core.body.items, ...named.body.items]));
});

test('a Pod and what can be done with it', async () => {
  await using api = await testApi();
  const { body } = await api.send('GET', '/api/v1');
  const pods = body.resources.filter(({ name }: { name: string }) => name.startsWith('pods'));
  expect(pods[0]).toEqual({
    name: 'pods',
    singularName: 'pod',
    namespaced: true,
    kind: 'Pod',
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    shortNames: ['po'],
    categories: ['all'],
  });
  expect(pods.slice(1).map(({ name, verbs }: { name: string; verbs: string[] }) => `${name} ${verbs}`)).toEqual([
    'pods/status get,patch,update',
    'pods/ephemeralcontainers get,patch,update',
    'pods/resize get,patch,update',
    'pods/binding create',
    'pods/eviction create',
    'pods/log get',
    'pods/exec create,get',
    'pods/attach create,get',
    'pods/proxy create,delete,get,patch,update',
    'pods/portforward create,get',
  ]);
});

test("the version is upstream's, with our own behind it", async () => {
  await using api = await testApi();
  const { body } = await api.send('GET', '/version');
  expect(body).toEqual({
    major: '1',
    minor: '36',
    gitVersion: 'v1.36.3+durapod.test',
    gitCommit: '',
    gitTreeState: '',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: '',
    platform: '',
  });
});
