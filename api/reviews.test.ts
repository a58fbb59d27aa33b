import { expect, test } from 'vitest';
import { podsPath, testApi, testPod } from './testing.ts';

const authentication = '/apis/authentication.k8s.io/v1';
const authorization = '/apis/authorization.k8s.io/v1';
const AUDIENCE = 'https://kubernetes.default.svc.cluster.local';

/** The API, and the headers of one whose token lies in a container. */
async function withAccount() {
  const api = await testApi();
  const { body } = await api.send('POST', '/api/v1/namespaces/default/serviceaccounts/default/token', {});
  const { token } = body.status;
  const as = { authorization: `Bearer ${token}` };
  return { ...api, token, as, [Symbol.asyncDispose]: () => api.store.close() };
}

const accountsWhy = 'service accounts may only look at what is served here, and ask about themselves';

test('who one is', async () => {
  await using api = await testApi();
  const { status, body } = await api.send('POST', `${authentication}/selfsubjectreviews`, {});
  expect([status, body.status]).toEqual([201, { userInfo: { username: 'ann', groups: ['users'] } }]);
  const listed = await api.send('GET', `${authentication}/selfsubjectreviews`);
  expect([listed.status, listed.body.reason]).toEqual([405, 'MethodNotAllowed']);
});

const review = { spec: { nonResourceAttributes: { path: '/version', verb: 'get' } } };
const rules = { spec: { namespace: 'default' } };
const authorizationGroup = 'authorization.k8s.io';

/** Each request, and what is asked of it beforehand: what is said must hold. */
test.each<[string, string, object, object | undefined]>([
  ['GET', '/version', { path: '/version', verb: 'get' }, undefined],
  ['GET', '/api', { path: '/api', verb: 'get' }, undefined],
  ['GET', '/api/v1', { path: '/api/v1', verb: 'get' }, undefined],
  ['GET', '/openapi/v3/apis/node.k8s.io/v1', { path: '/openapi/v3/apis/node.k8s.io/v1', verb: 'get' }, undefined],
  ['GET', '/healthz', { path: '/healthz', verb: 'get' }, undefined],
  ['GET', '/metrics', { path: '/metrics', verb: 'get' }, undefined],
  ['GET', '/readyz/store', { path: '/readyz/store', verb: 'get' }, undefined],
  [
    'POST',
    `${authorization}/selfsubjectaccessreviews`,
    { group: authorizationGroup, resource: 'selfsubjectaccessreviews', verb: 'create' },
    review,
  ],
  [
    'POST',
    `${authorization}/selfsubjectrulesreviews`,
    { group: authorizationGroup, resource: 'selfsubjectrulesreviews', verb: 'create' },
    rules,
  ],
  [
    'POST',
    `${authentication}/selfsubjectreviews`,
    { group: 'authentication.k8s.io', resource: 'selfsubjectreviews', verb: 'create' },
    {},
  ],
  [
    'POST',
    `${authentication}/tokenreviews`,
    { group: 'authentication.k8s.io', resource: 'tokenreviews', verb: 'create' },
    { spec: { token: 'x' } },
  ],
  ['GET', podsPath, { resource: 'pods', verb: 'list', namespace: 'default' }, undefined],
  ['GET', `${podsPath}?watch=1&timeoutSeconds=1`, { resource: 'pods', verb: 'watch', namespace: 'default' }, undefined],
  ['POST', podsPath, { resource: 'pods', verb: 'create', namespace: 'default' }, testPod('new')],
  ['GET', `${podsPath}/web`, { resource: 'pods', verb: 'get', namespace: 'default', name: 'web' }, undefined],
  ['DELETE', podsPath, { resource: 'pods', verb: 'deletecollection', namespace: 'default' }, undefined],
  ['GET', '/api/v1/namespaces/default', { resource: 'namespaces', verb: 'get', name: 'default' }, undefined],
  [
    'GET',
    `${podsPath}/web/status`,
    { resource: 'pods', subresource: 'status', verb: 'get', namespace: 'default', name: 'web' },
    undefined,
  ],
])('%s %s is allowed as is said', async (method, path, asked, body) => {
  await using api = await withAccount();
  await api.send('POST', podsPath, testPod('web'));
  const spec = { ['path' in asked ? 'nonResourceAttributes' : 'resourceAttributes']: asked };
  const told: unknown[] = [];
  for (const as of [api.as, undefined]) {
    const { status, body: said } = await api.send('POST', `${authorization}/selfsubjectaccessreviews`, { spec }, as);
    const done = await api.send(method, path, body, as);
    told.push([status, said.spec, said.status.allowed]);
    expect(said.status.allowed).toBe(done.status !== 403);
    expect(done.status < 400 || done.status === 403).toBe(true);
  }
  expect(told).toEqual([
    [201, spec, expect.any(Boolean)],
    [201, spec, true],
  ]);
});

test.each<[string, object, boolean]>([
  ['a path with a method that is not allowed', { nonResourceAttributes: { path: '/version', verb: 'post' } }, false],
  ['a path below an allowed one', { nonResourceAttributes: { path: '/apis/any/thing', verb: 'get' } }, true],
  ['a path that only begins alike', { nonResourceAttributes: { path: '/versions', verb: 'get' } }, false],
  ['everything', { resourceAttributes: { group: '*', resource: '*', verb: '*' } }, false],
  ['acting as others', { resourceAttributes: { resource: 'users', verb: 'impersonate' } }, false],
  ['nothing in particular', { resourceAttributes: {} }, false],
])('an account asks of %s', async (_, spec, allowed) => {
  await using api = await withAccount();
  const { body } = await api.send('POST', `${authorization}/selfsubjectaccessreviews`, { spec }, api.as);
  expect(body.status).toEqual({ allowed, reason: accountsWhy });
});

test('somebody who acts as a stranger sees health and version', async () => {
  await using api = await testApi({
    identify: async () => ({ name: 'system:anonymous', groups: ['system:unauthenticated'] }),
  });
  const codes = ['/version', '/healthz', '/api', podsPath].map(async (path) => (await api.send('GET', path)).status);
  expect(await Promise.all(codes)).toEqual([200, 200, 403, 403]);
});

const path = { path: '/version', verb: 'get' };
const one = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
test.each<[object, string, string]>([
  [{ spec: {} }, 'spec.resourceAttributes', `Invalid value: null: ${one}`],
  [{}, 'spec.resourceAttributes', `Invalid value: null: ${one}`],
  [
    { spec: { resourceAttributes: { verb: 'get' }, nonResourceAttributes: path } },
    'spec.nonResourceAttributes',
    `Invalid value: ${JSON.stringify(path)}: cannot be specified in combination with resourceAttributes`,
  ],
  [
    { metadata: { name: 'a' }, spec: { nonResourceAttributes: path } },
    'metadata',
    'Invalid value: {"name":"a"}: must be empty',
  ],
])('%j is refused', async (asked, field, message) => {
  await using api = await testApi();
  const { status, body } = await api.send('POST', `${authorization}/selfsubjectaccessreviews`, asked);
  expect([status, body.message, body.details]).toEqual([
    422,
    `SelfSubjectAccessReview.authorization.k8s.io "" is invalid: ${field}: ${message}`,
    {
      group: 'authorization.k8s.io',
      kind: 'SelfSubjectAccessReview',
      causes: [{ reason: 'FieldValueInvalid', message, field }],
    },
  ]);
});

test('metadata as Go writes it is empty', async () => {
  await using api = await testApi();
  const asked = { metadata: { creationTimestamp: null }, ...review };
  expect((await api.send('POST', `${authorization}/selfsubjectaccessreviews`, asked)).status).toBe(201);
});

test('all that one may do', async () => {
  await using api = await withAccount();
  const ask = (body: object, as?: Record<string, string>) =>
    api.send('POST', `${authorization}/selfsubjectrulesreviews`, body, as);
  expect((await ask(rules)).body.status).toEqual({
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    incomplete: false,
  });
  expect((await ask(rules, api.as)).body.status).toEqual({
    resourceRules: [
      {
        verbs: ['create'],
        apiGroups: ['authorization.k8s.io'],
        resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      },
      { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
    ],
    nonResourceRules: [
      {
        verbs: ['get'],
        nonResourceURLs: [
          '/healthz',
          '/livez',
          '/readyz',
          '/version',
          '/version/',
          '/api',
          '/api/*',
          '/apis',
          '/apis/*',
          '/openapi',
          '/openapi/*',
        ],
      },
    ],
    incomplete: false,
  });
  const { status, body } = await ask({});
  expect([status, body.message]).toEqual([400, 'no namespace on request']);
});

const stranger = { authenticated: false, user: {}, error: 'invalid bearer token' };
const ann = { authenticated: true, user: { username: 'ann', groups: ['users'] }, audiences: [AUDIENCE] };
test.each<[string, object, object]>([
  ['a token of the API', { token: 'token' }, ann],
  ['one for an audience that is the API', { token: 'token', audiences: ['vault', AUDIENCE] }, ann],
  ['one for others', { token: 'token', audiences: ['vault'] }, stranger],
  ['a wrong one', { token: 'tokens' }, stranger],
  ['what is no token', { token: 'a b\n' }, stranger],
])('whose it is: %s', async (_, spec, status) => {
  await using api = await testApi();
  const { body } = await api.send('POST', `${authentication}/tokenreviews`, { spec });
  expect(body.status).toEqual(status);
});

const wrong = 'invalid bearer token';
const forOthers = (meant: string, asked: string) =>
  `[${wrong}, token audiences [${meant}] is invalid for the target audiences [${asked}]]`;
test.each<[string[], string[] | undefined, string]>([
  [[], ['vault'], forOthers(`"${AUDIENCE}"`, '"vault"')],
  [['a', 'b'], ['c', 'd'], forOthers('"a" "b"', '"c" "d"')],
  [['vault'], undefined, forOthers('"vault"', `"${AUDIENCE}"`)],
])('a token for %j is not for %j', async (audiences, asked, error) => {
  await using api = await testApi();
  const account = '/api/v1/namespaces/default/serviceaccounts/default/token';
  const { token } = (await api.send('POST', account, { spec: { audiences } })).body.status;
  const review = async (spec: object) =>
    (await api.send('POST', `${authentication}/tokenreviews`, { spec: { audiences: asked, ...spec } })).body.status;
  expect([await review({ token }), await review({ token: `${token}x` })]).toEqual([
    { authenticated: false, user: {}, error },
    { authenticated: false, user: {}, error: wrong },
  ]);
});

test('a review of no token is refused', async () => {
  await using api = await testApi();
  const { status, body } = await api.send('POST', `${authentication}/tokenreviews`, { spec: { token: '' } });
  expect([status, body.message]).toEqual([400, 'token is required for TokenReview in authentication']);
});
