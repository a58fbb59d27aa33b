import { expect, test } from 'vitest';
import { openSqliteStore } from '../../store/sqlite.ts';
import { pods } from '../registry/index.ts';
import { parseLogOptions } from '../streams/log-options.ts';
import { streamRoutes } from '../streams/routes.ts';
import { podsPath, testApi, testPod } from '../testing.ts';

interface Parameter {
  name: string;
  in: string;
  schema: { type: string };
}

interface Operation {
  operationId: string;
  parameters: Parameter[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
  'x-kubernetes-action': string;
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string };
}

type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties: Record<string, object> }> };
};

/** The API with its streams, its documents by group, and their operations. */
async function withDocuments() {
  const store = openSqliteStore(':memory:');
  const nodes = { fetch: () => Promise.reject(), upgrade: () => Promise.reject() };
  const api = await testApi({ podStreams: (app) => streamRoutes(app, { store, nodes }) });
  const index = (await api.send('GET', '/openapi/v3')).body.paths as Record<string, { serverRelativeURL: string }>;
  const documents: Record<string, Document> = {};
  for (const [key, { serverRelativeURL }] of Object.entries(index)) {
    documents[key] = (await api.send('GET', serverRelativeURL)).body;
  }
  const dispose = async () => {
    await Promise.all([api.store.close(), store.close()]);
  };
  return { ...api, index, documents, [Symbol.asyncDispose]: dispose };
}

/** Its operations as `method path`, in order. */
const operationsOf = ({ paths }: Document): [string, string, Operation][] =>
  Object.entries(paths).flatMap(([path, { parameters: _, ...item }]) =>
    Object.entries(item).map(([method, operation]): [string, string, Operation] => [method, path, operation]),
  );

test('what clients read of it', async () => {
  await using api = await withDocuments();
  const { paths, components } = api.documents['api/v1']!;
  const patch = paths['/api/v1/namespaces/{namespace}/pods/{name}']!.patch!;
  expect(patch['x-kubernetes-group-version-kind']).toEqual({ group: '', version: 'v1', kind: 'Pod' });
  expect(patch.parameters.map(({ name }) => name)).toContain('fieldValidation');
  expect(Object.keys(patch.requestBody!.content)).toContain('application/strategic-merge-patch+json');
  expect(components.schemas['io.k8s.api.core.v1.Pod']!.properties.spec).toMatchObject({
    allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.PodSpec' }],
  });
  // With an `enum` `kubectl explain` would list the only value.
  expect(components.schemas['io.k8s.api.core.v1.Pod']!.properties.kind).toEqual({
    description: expect.stringContaining('Kind is a string value'),
    type: 'string',
  });
});

test('a document is kept for as long as its address is the same', async () => {
  await using api = await withDocuments();
  const address = api.index['apis/node.k8s.io/v1']!.serverRelativeURL;
  const [path, hash] = address.split('?hash=') as [string, string];
  const get = async (address: string, headers = {}) => {
    const { status, headers: said } = await api.send('GET', address, undefined, headers);
    return [status, ...['location', 'etag', 'cache-control', 'expires', 'vary'].map((name) => said.get(name))];
  };
  const etag = `"${hash}"`;
  const forEver = ['public, immutable', 'Sat, 02 Jan 2027 03:04:05 GMT'];
  expect([hash, await get(address), await get(`${path}?hash=AB`), await get(path)]).toEqual([
    expect.stringMatching(/^[0-9A-F]{128}$/),
    [200, null, etag, ...forEver, 'Accept'],
    [301, address, etag, null, null, 'Accept'],
    [200, null, etag, 'no-cache, private', null, 'Accept'],
  ]);
  expect([await get(address, { 'if-none-match': etag }), await get(path, { 'if-none-match': '"AB"' })]).toEqual([
    [304, null, etag, ...forEver, 'Accept'],
    [200, null, etag, 'no-cache, private', null, 'Accept'],
  ]);
});

test('each document is complete, and not larger than it must be', async () => {
  await using api = await withDocuments();
  for (const document of Object.values(api.documents)) {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/#\/components\/schemas\/([\w.]+)/g)].map(([, name]) => name!);
    expect(references.filter((name) => !(name in document.components.schemas))).toEqual([]);
    expect(Object.keys(document.components.schemas).filter((name) => !references.includes(name))).toEqual([]);
    const ids = operationsOf(document).map(([, , { operationId }]) => operationId);
    expect(ids.filter((id, i) => ids.indexOf(id) < i)).toEqual([]);
    expect(text.length).toBeLessThan(512 * 1024);
  }
});

test('what is described is served, and nothing else under these paths', async () => {
  await using api = await withDocuments();
  const wrong: string[] = [];
  for (const document of Object.values(api.documents)) {
    for (const [template, item] of Object.entries(document.paths)) {
      const path = template.replace('{namespace}', 'default').replace('{name}', 'nobody').replace('{path}', 'x/y');
      for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
        const { status, body } = await api.send(method.toUpperCase(), path, method === 'get' ? undefined : {});
        const isServed = status !== 405 && !String(body?.message).includes('nothing is served');
        if (isServed !== method in item) wrong.push(`${method} ${template}: ${status} ${body?.message}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test('all that is done with Pods', async () => {
  await using api = await withDocuments();
  const of = operationsOf(api.documents['api/v1']!).filter(([, path]) => /pods(\/|$)/.test(path));
  const base = '/api/v1/namespaces/{namespace}/pods';
  expect(
    of.map(([method, path, { operationId, ...operation }]) =>
      [
        method,
        path.replace(base, '…'),
        operation['x-kubernetes-action'],
        operation['x-kubernetes-group-version-kind']?.kind,
        operationId,
      ].join(' '),
    ),
  ).toEqual([
    'get /api/v1/pods list Pod listPodForAllNamespaces',
    'get … list Pod listPod',
    'post … post Pod postPod',
    'delete … deletecollection Pod deletecollectionPod',
    'get …/{name} get Pod getPod',
    'put …/{name} put Pod putPod',
    'patch …/{name} patch Pod patchPod',
    'delete …/{name} delete Pod deletePod',
    ...['Status', 'Ephemeralcontainers', 'Resize'].flatMap((sub) => [
      `get …/{name}/${sub.toLowerCase()} get Pod getPod${sub}`,
      `patch …/{name}/${sub.toLowerCase()} patch Pod patchPod${sub}`,
      `put …/{name}/${sub.toLowerCase()} put Pod putPod${sub}`,
    ]),
    'post …/{name}/binding post Binding postPodBinding',
    'post …/{name}/eviction post Eviction postPodEviction',
    'post …/{name}/files post  postPodFiles',
    'post …/{name}/restart post  postPodRestart',
    'get …/{name}/log get Pod getPodLog',
    'post …/{name}/exec connect PodExecOptions connectPostPodExec',
    'get …/{name}/exec connect PodExecOptions connectGetPodExec',
    'post …/{name}/attach connect PodAttachOptions connectPostPodAttach',
    'get …/{name}/attach connect PodAttachOptions connectGetPodAttach',
    ...['', 'WithPath'].flatMap((below) =>
      ['Post', 'Delete', 'Get', 'Patch', 'Put'].map(
        (method) =>
          `${method.toLowerCase()} …/{name}/proxy${below && '/{path}'} connect PodProxyOptions connect${method}PodProxy${below}`,
      ),
    ),
    'post …/{name}/portforward connect PodPortForwardOptions connectPostPodPortforward',
    'get …/{name}/portforward connect PodPortForwardOptions connectGetPodPortforward',
  ]);
});

const selecting = 'continue fieldSelector labelSelector limit:integer resourceVersion resourceVersionMatch';
const deleting = 'dryRun gracePeriodSeconds:integer orphanDependents:boolean propagationPolicy';
test.each<[string, string]>([
  [
    'get /api/v1/pods',
    `allowWatchBookmarks:boolean ${selecting} sendInitialEvents:boolean timeoutSeconds:integer watch:boolean`,
  ],
  ['delete /api/v1/namespaces/{namespace}/pods', `${selecting} ${deleting}`],
  ['get /api/v1/namespaces/{namespace}/pods/{name}', ''],
  ['post /api/v1/namespaces/{namespace}/pods', 'dryRun fieldManager fieldValidation'],
  ['put /api/v1/namespaces/{namespace}/pods/{name}/status', 'dryRun fieldManager fieldValidation'],
  ['patch /api/v1/namespaces/{namespace}/pods/{name}', 'dryRun fieldManager fieldValidation force:boolean'],
  ['delete /api/v1/namespaces/{namespace}/pods/{name}', deleting],
])('the query of %s', async (operation, expected) => {
  await using api = await withDocuments();
  const [method, path] = operation.split(' ') as [string, string];
  const { parameters } = api.documents['api/v1']!.paths[path]![method]!;
  const said = parameters.map(({ name, schema: { type } }) => (type === 'string' ? name : `${name}:${type}`));
  expect(said.sort()).toEqual([...expected.split(' ').filter(Boolean), 'pretty'].sort());
});

const core = (name: string) => ({ $ref: `#/components/schemas/io.k8s.api.core.v1.${name}` });
const status = { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Status' };
test.each<[string, Record<string, object>]>([
  ['get /api/v1/namespaces/{namespace}/pods', { 200: core('PodList') }],
  ['get /api/v1/pods', { 200: core('PodList') }],
  ['delete /api/v1/namespaces/{namespace}/pods', { 200: core('PodList') }],
  ['post /api/v1/namespaces/{namespace}/pods', { 201: core('Pod') }],
  ['get /api/v1/namespaces/{namespace}/pods/{name}', { 200: core('Pod') }],
  ['put /api/v1/namespaces/{namespace}/pods/{name}', { 200: core('Pod') }],
  ['put /api/v1/namespaces/{namespace}/events/{name}', { 200: core('Event'), 201: core('Event') }],
  ['patch /api/v1/namespaces/{namespace}/pods/{name}', { 200: core('Pod'), 201: core('Pod') }],
  ['patch /api/v1/namespaces/{namespace}/pods/{name}/status', { 200: core('Pod') }],
  ['delete /api/v1/namespaces/{namespace}/pods/{name}', { 200: core('Pod') }],
  ['delete /api/v1/namespaces/{namespace}/configmaps/{name}', { 200: { oneOf: [status, core('ConfigMap')] } }],
  ['post /api/v1/namespaces/{namespace}/pods/{name}/binding', { 201: status }],
  ['post /api/v1/namespaces/{namespace}/pods/{name}/restart', { 200: status }],
  [
    'post /api/v1/namespaces/{namespace}/serviceaccounts/{name}/token',
    { 201: { $ref: '#/components/schemas/io.k8s.api.authentication.v1.TokenRequest' } },
  ],
])('the answers of %s', async (operation, expected) => {
  await using api = await withDocuments();
  const [method, path] = operation.split(' ') as [string, string];
  const { responses } = api.documents['api/v1']!.paths[path]![method]!;
  const said = Object.entries(responses).map(([code, { content = {} }]) => [
    code,
    Object.values(content).map(({ schema }) => schema),
  ]);
  expect(Object.fromEntries(said)).toEqual(
    Object.fromEntries(Object.entries(expected).map(([code, schema]) => [code, [schema, schema]])),
  );
});

test('what a PATCH may send', async () => {
  await using api = await withDocuments();
  const { patch } = api.documents['apis/node.k8s.io/v1']!.paths['/apis/node.k8s.io/v1/runtimeclasses/{name}']!;
  expect(Object.keys(patch!.requestBody!.content)).toEqual([
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/strategic-merge-patch+json',
    'application/apply-patch+yaml',
  ]);
});

test('what is said of answers to a DELETE is so', async () => {
  await using api = await withDocuments();
  const configMaps = '/api/v1/namespaces/default/configmaps';
  await api.send('POST', podsPath, testPod('web'));
  await api.send('POST', configMaps, { metadata: { name: 'a' } });
  await api.send('POST', configMaps, { metadata: { name: 'b', finalizers: ['example.com/wait'] } });
  const paths = [`${podsPath}/web`, `${configMaps}/a`, `${configMaps}/b`];
  const kinds = await Promise.all(paths.map(async (path) => (await api.send('DELETE', path)).body.kind));
  expect(kinds).toEqual(['Pod', 'Status', 'ConfigMap']);
});

const values = { string: 'x', integer: '1', boolean: 'true' };
test.each(Object.entries(pods.subresources.log!.query!))('a log heeds %s', (name, type) => {
  const ask = (query: URLSearchParams) => {
    try {
      const { query: sent, ...options } = parseLogOptions('web', query);
      return { ...options, sent: String(sent) };
    } catch (error) {
      return String(error);
    }
  };
  expect(ask(new URLSearchParams({ [name]: values[type] }))).not.toEqual(ask(new URLSearchParams()));
});
