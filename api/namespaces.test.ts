import { expect, test, vi } from 'vitest';
import { startControllers } from './controllers.ts';
import { type NamespaceDeps, reconcile, runNamespaces } from './namespaces.ts';
import { podsPath, testApi, testPod } from './testing.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

async function withNamespace() {
  const api = await testApi();
  await api.send('POST', '/api/v1/namespaces', { metadata: { name: 'work' } });
  const deps: NamespaceDeps = { store: api.store, now: api.deps.now, log, caCertificate: 'PEM' };
  const get = async (path: string) => (await api.send('GET', `/api/v1/namespaces/work${path}`)).body;
  return { ...api, controller: deps, get, [Symbol.asyncDispose]: () => api.store.close() };
}

test('what is there from the start', async () => {
  await using api = await testApi();
  const { body } = await api.send('GET', '/api/v1/namespaces');
  expect(body.items.map((n: { metadata: { name: string } }) => n.metadata.name)).toEqual([
    'default',
    'kube-node-lease',
    'kube-public',
    'kube-system',
  ]);
  const service = await api.send('GET', '/api/v1/namespaces/default/services/kubernetes');
  expect(service.body.spec).toMatchObject({ clusterIP: '10.96.0.1', ports: [{ port: 443, targetPort: 6443 }] });
});

test('a namespace carries its name as a label, and gets its account and the certificate', async () => {
  await using api = await withNamespace();
  await reconcile(api.controller, 'work');
  expect((await api.get('')).metadata.labels).toEqual({ 'kubernetes.io/metadata.name': 'work' });
  expect((await api.get('/serviceaccounts/default')).metadata.name).toBe('default');
  expect((await api.get('/configmaps/kube-root-ca.crt')).data).toEqual({ 'ca.crt': 'PEM' });
});

test('a namespace that is going lets nothing new in, and goes when it is empty', async () => {
  await using api = await withNamespace();
  const pods = podsPath.replace('default', 'work');
  await reconcile(api.controller, 'work');
  await api.send('POST', pods, testPod('a'));
  const { body } = await api.send('DELETE', '/api/v1/namespaces/work');
  expect([body.status, body.metadata.deletionTimestamp, body.metadata.deletionGracePeriodSeconds]).toEqual([
    { phase: 'Terminating' },
    '2026-01-02T03:04:05Z',
    undefined,
  ]);
  const refused = await api.send('POST', pods, testPod('b'));
  expect(refused.body).toMatchObject({
    code: 403,
    message: 'pods "b" is forbidden: unable to create new content in namespace work because it is being terminated',
    details: { causes: [{ reason: 'NamespaceTerminating' }] },
  });

  await reconcile(api.controller, 'work');
  expect((await api.get('/pods/a')).metadata.deletionGracePeriodSeconds).toBe(30);
  expect((await api.get('/configmaps')).items).toEqual([]);
  const lastTransitionTime = '2026-01-02T03:04:05Z';
  expect((await api.get('')).status).toEqual({
    phase: 'Terminating',
    conditions: [
      {
        type: 'NamespaceDeletionDiscoveryFailure',
        status: 'False',
        reason: 'ResourcesDiscovered',
        message: 'All resources successfully discovered',
        lastTransitionTime,
      },
      {
        type: 'NamespaceDeletionGroupVersionParsingFailure',
        status: 'False',
        reason: 'ParsedGroupVersions',
        message: 'All legacy kube types successfully parsed',
        lastTransitionTime,
      },
      {
        type: 'NamespaceDeletionContentFailure',
        status: 'False',
        reason: 'ContentDeleted',
        message: 'All content successfully deleted, may be waiting on finalization',
        lastTransitionTime,
      },
      {
        type: 'NamespaceContentRemaining',
        status: 'True',
        reason: 'SomeResourcesRemain',
        message: 'Some resources are remaining: pods. has 1 resource instances',
        lastTransitionTime,
      },
      {
        type: 'NamespaceFinalizersRemaining',
        status: 'False',
        reason: 'ContentHasNoFinalizers',
        message: 'All content-preserving finalizers finished',
        lastTransitionTime,
      },
    ],
  });

  await api.send('DELETE', `${pods}/a?gracePeriodSeconds=0`);
  await reconcile(api.controller, 'work');
  expect((await api.get('')).code).toBe(404);
});

test('a namespace that is going says what holds it', async () => {
  await using api = await withNamespace();
  const held = (name: string, finalizers: string[]) => ({ metadata: { name, finalizers } });
  await api.send('POST', '/api/v1/namespaces/work/configmaps', held('a', ['a.b/c', 'a.b/d']));
  await api.send('POST', '/api/v1/namespaces/work/secrets', held('b', ['a.b/c']));
  await api.send('DELETE', '/api/v1/namespaces/work');
  await reconcile(api.controller, 'work');
  const { conditions } = (await api.get('')).status;
  expect(conditions.slice(3).map(({ status, message }: Record<string, string>) => [status, message])).toEqual([
    ['True', 'Some resources are remaining: configmaps. has 1 resource instances, secrets. has 1 resource instances'],
    [
      'True',
      'Some content in the namespace has finalizers remaining: a.b/c in 2 resource instances, a.b/d in 1 resource instances',
    ],
  ]);
});

test('the loop does it all by itself, and stops', async () => {
  await using api = await withNamespace();
  const stop = await startControllers({ ...api.controller, port: 6443 });
  await vi.waitFor(async () => expect((await api.get('/serviceaccounts')).items).toHaveLength(1));
  await api.send('DELETE', '/api/v1/namespaces/work/serviceaccounts/default');
  await vi.waitFor(async () => expect((await api.get('/serviceaccounts')).items).toHaveLength(1));
  await api.send('DELETE', '/api/v1/namespaces/work');
  await vi.waitFor(async () => expect((await api.get('')).code).toBe(404));
  await stop();
});

test('its own finalizers are taken away by /finalize only', async () => {
  await using api = await withNamespace();
  const { body } = await api.send('GET', '/api/v1/namespaces/work');
  const bare = { ...body, spec: {} };
  expect((await api.send('PUT', '/api/v1/namespaces/work', bare)).body.spec).toEqual({ finalizers: ['kubernetes'] });
  await api.send('DELETE', '/api/v1/namespaces/work');
  expect((await api.send('PUT', '/api/v1/namespaces/work/finalize', { metadata: {} })).status).toBe(200);
  expect((await api.get('')).code).toBe(404);
});

test('a namespace that cannot be looked after is tried again, and holds up no other', async () => {
  await using api = await withNamespace();
  let broken = true;
  const store: NamespaceDeps['store'] = Object.assign(Object.create(api.store), {
    list: (resource, options) => {
      if (broken && options?.namespace === 'work') return Promise.reject(new Error('cannot be listed'));
      return api.store.list(resource, options);
    },
  } satisfies Partial<NamespaceDeps['store']>);
  const warned: unknown[] = [];
  const noted = {
    ...log,
    warn: ({ err, ...fields }: object & { err?: unknown }) => void warned.push([String(err), fields]),
  };
  await api.send('DELETE', '/api/v1/namespaces/work');
  const stop = new AbortController();
  const running = runNamespaces({ ...api.controller, store, log: noted }, stop.signal);
  await vi.waitFor(() => expect(warned).toHaveLength(1));
  await api.send('POST', '/api/v1/namespaces', { metadata: { name: 'zoo' } });
  await vi.waitFor(async () =>
    expect((await api.send('GET', '/api/v1/namespaces/zoo/serviceaccounts')).body.items).toHaveLength(1),
  );
  expect(warned).toEqual([['Error: cannot be listed', { namespace: 'work', againInMs: 1000 }]]);
  const { conditions } = (await api.get('')).status;
  expect(conditions.filter(({ status }: { status: string }) => status === 'True')).toEqual([
    {
      type: 'NamespaceDeletionContentFailure',
      status: 'True',
      reason: 'ContentDeletionFailed',
      message: expect.stringMatching(
        /^Failed to delete all resource types, \d+ remaining: cannot be listed(, cannot be listed)*$/,
      ),
      lastTransitionTime: '2026-01-02T03:04:05Z',
    },
  ]);
  broken = false;
  await vi.waitFor(async () => expect((await api.get('')).code).toBe(404), { timeout: 5000 });
  stop.abort();
  await running;
});
