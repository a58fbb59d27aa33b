import { expect, test, vi } from 'vitest';
import type { Store } from '../../store/port.ts';
import { runGarbageCollection } from '../garbage-collection/run.ts';
import { podsPath, testApi, testPod } from '../testing.ts';
import { runEndpointSlices } from './run.ts';

const inDefault = '/api/v1/namespaces/default';
const slicesPath = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
const merge = { 'content-type': 'application/merge-patch+json' };
const web = { metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } };

/** The API with so many loops beside it, as several processes have them. */
async function withSlices({ loops = 1, through = (store: Store) => store } = {}) {
  const api = await testApi();
  const stop = new AbortController();
  const deps = { ...api.deps, store: through(api.store) };
  const running = Promise.all(Array.from({ length: loops }, () => runEndpointSlices(deps, stop.signal)));
  const slices = async (service = 'web') =>
    (await api.send('GET', `${slicesPath}?labelSelector=kubernetes.io/service-name=${service}`)).body.items;
  /** Each slice's addresses, those that are ready. */
  const ready = async (service?: string) =>
    (await slices(service)).map(
      ({ endpoints }: { endpoints: { addresses: string[]; conditions: { ready: boolean } }[] }) =>
        endpoints.filter(({ conditions }) => conditions.ready).flatMap(({ addresses }) => addresses),
    );
  const runPod = async (name: string, ip: string) => {
    await api.send('POST', podsPath, testPod(name, { app: 'web' }));
    const status = { podIPs: [{ ip }], conditions: [{ type: 'Ready', status: 'True' }] };
    await api.send('PATCH', `${podsPath}/${name}/status`, { status }, merge);
  };
  const end = async () => {
    stop.abort();
    await running;
    await api.store.close();
  };
  return { ...api, slices, ready, runPod, [Symbol.asyncDispose]: end };
}

test('slices follow the Service and its Pods, whoever else does the same', async () => {
  await using api = await withSlices({ loops: 2 });
  await api.send('POST', `${inDefault}/services`, web);
  await vi.waitFor(async () => expect(await api.ready()).toEqual([[]]));
  await api.runPod('a', '10.0.0.1');
  await vi.waitFor(async () => expect(await api.ready()).toEqual([['10.0.0.1']]));
  await api.runPod('b', '10.0.0.2');
  await vi.waitFor(async () => expect(await api.ready()).toEqual([['10.0.0.1', '10.0.0.2']]));
  await api.send('DELETE', `${podsPath}/a?gracePeriodSeconds=0`);
  await vi.waitFor(async () => expect(await api.ready()).toEqual([['10.0.0.2']]));
  await api.send('PATCH', `${podsPath}/b`, { metadata: { labels: { app: 'db' } } }, merge);
  await vi.waitFor(async () => expect(await api.ready()).toEqual([[]]));
  const [{ metadata }] = await api.slices();
  await api.send('DELETE', `${slicesPath}/${metadata.name}`);
  await vi.waitFor(async () => expect(await api.ready()).toEqual([[]]));
});

test.each<[string, string, string, unknown]>([
  ['the Service', 'DELETE', '', undefined],
  ['its selector', 'PATCH', '', { spec: { selector: null } }],
])('slices go with %s; others stay', async (_, method, query, body) => {
  await using api = await withSlices();
  const labels = { 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': 'me' };
  await api.send('POST', slicesPath, { metadata: { name: 'mine', labels }, addressType: 'IPv4', endpoints: [] });
  await api.send('POST', `${inDefault}/services`, web);
  await vi.waitFor(async () => expect(await api.slices()).toHaveLength(2));
  await api.send(method, `${inDefault}/services/web${query}`, body, merge);
  await vi.waitFor(async () =>
    expect((await api.slices()).map((slice: { metadata: { name: string } }) => slice.metadata.name)).toEqual(['mine']),
  );
});

test('a Service whose dependents go first gets no slice again', async () => {
  await using api = await withSlices();
  const stop = new AbortController();
  const collecting = runGarbageCollection(api.deps, stop.signal);
  await api.send('POST', `${inDefault}/services`, web);
  await vi.waitFor(async () => expect(await api.ready()).toEqual([[]]));
  await api.send('DELETE', `${inDefault}/services/web`, { propagationPolicy: 'Foreground' });
  await vi.waitFor(async () => expect((await api.send('GET', `${inDefault}/services/web`)).status).toBe(404));
  expect(await api.slices()).toEqual([]);
  stop.abort();
  await collecting;
});

test('one Service that fails holds up no other', async () => {
  const failing = (store: Store): Store => ({
    ...store,
    create: (key, object, by) =>
      key.name.startsWith('bad-') ? Promise.reject(new Error('no space left')) : store.create(key, object, by),
  });
  await using api = await withSlices({ through: failing });
  await api.send('POST', `${inDefault}/services`, { ...web, metadata: { name: 'bad' } });
  await vi.waitFor(() => expect(api.logged).not.toEqual([]));
  await api.send('POST', `${inDefault}/services`, web);
  await vi.waitFor(async () => expect(await api.ready()).toEqual([[]]));
});

test('a Service that keeps failing is looked at with each change, and told of now and then', async () => {
  let looks = 0;
  const failing = (store: Store): Store => ({
    ...store,
    create: (key, object, by) => {
      if (!key.name.startsWith('web-')) return store.create(key, object, by);
      looks++;
      return Promise.reject(new Error('no space left'));
    },
  });
  await using api = await withSlices({ through: failing });
  await api.send('POST', `${inDefault}/services`, web);
  for (let n = 1; n <= 6; n++) {
    await vi.waitFor(() => expect(looks).toBeGreaterThanOrEqual(n));
    await api.send('PATCH', `${inDefault}/services/web`, { metadata: { labels: { n: `${n}` } } }, merge);
  }
  expect(api.logged.length).toBeLessThan(looks);
});
