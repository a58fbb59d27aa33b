import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { podsPath, testApi, testPod } from '../testing.ts';
import { accountOf } from './identity.ts';
import { createTokenIssuer } from './token-issuer.ts';

const accounts = '/api/v1/namespaces/default/serviceaccounts';
const tokenPath = `${accounts}/default/token`;
const request = (spec: object = {}) => ({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec });

async function withToken(spec: object = {}) {
  const api = await testApi();
  const { body } = await api.send('POST', tokenPath, request(spec));
  const account = (await api.send('GET', `${accounts}/default`)).body;
  const as = { authorization: `Bearer ${body.status?.token}` };
  return { ...api, granted: body, account, as, [Symbol.asyncDispose]: () => api.store.close() };
}

test('a token says whose it is, and ends in time', async () => {
  await using api = await withToken({ expirationSeconds: 600 });
  const { token, expirationTimestamp } = api.granted.status;
  expect([api.granted.kind, api.granted.spec, expirationTimestamp]).toEqual([
    'TokenRequest',
    { audiences: ['https://kubernetes.default.svc.cluster.local'], expirationSeconds: 600 },
    '2026-01-02T03:14:05Z',
  ]);
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
  const reviewed = (await api.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', review)).body.status;
  expect(reviewed).toEqual({
    authenticated: true,
    audiences: ['https://kubernetes.default.svc.cluster.local'],
    user: {
      username: 'system:serviceaccount:default:default',
      uid: api.account.metadata.uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^JTI=/)] },
    },
  });
});

test('a token that has ended is no token', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const clock = { now: new Date('2026-01-01T00:00:00Z') };
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const tokens = createTokenIssuer(pem, () => clock.now);
  const claims = { namespace: 'default', serviceaccount: { name: 'a', uid: 'u' } };
  const token = await tokens.issue(claims, ['vault'], clock.now.getTime() / 1000 + 600);
  expect((await tokens.read(token, ['vault']))?.claims).toEqual(claims);
  clock.now = new Date('2026-01-01T00:10:01Z');
  expect(await tokens.read(token, ['vault'])).toBe(undefined);
});

test('an account sees what is served, and no objects', async () => {
  await using api = await withToken();
  const status = async (method: string, path: string, body?: object) =>
    (await api.send(method, path, body, api.as)).status;
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  expect([
    await status('GET', '/api'),
    await status('GET', '/apis'),
    await status('GET', '/api/v1'),
    await status('GET', '/apis/coordination.k8s.io/v1'),
    await status('GET', '/openapi/v3'),
    await status('GET', '/version'),
    await status('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', review),
  ]).toEqual([200, 200, 200, 200, 200, 200, 201]);
  expect([
    await status('GET', podsPath),
    await status('GET', '/api/v1/pods'),
    await status('GET', '/apis/coordination.k8s.io/v1/leases'),
    await status('POST', tokenPath, request()),
    await status('POST', podsPath, testPod('web')),
    await status('GET', '/metrics'),
    await status('GET', `${podsPath}/web/log`),
    await status('POST', `${podsPath}/web/exec?command=ls`),
    await status('GET', `${podsPath}/web/proxy/secret`),
    await status('POST', `${podsPath}/web/files?path=/a`, {}),
  ]).toEqual(Array(10).fill(403));
});

test('a token bound to a Pod ends with it', async () => {
  await using api = await withToken();
  const pod = (await api.send('POST', podsPath, testPod('web'))).body;
  const ref = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: pod.metadata.uid };
  const { token } = (await api.send('POST', tokenPath, request({ boundObjectRef: ref }))).body.status;
  const before = await accountOf(api.deps, token);
  expect(before?.extra).toMatchObject({ 'authentication.kubernetes.io/pod-name': ['web'] });
  await api.send('DELETE', `${podsPath}/web?gracePeriodSeconds=0`);
  expect(await accountOf(api.deps, token)).toBe(undefined);
});

test('a token is for its audience alone, and unchanged', async () => {
  await using api = await withToken({ audiences: ['vault'] });
  const { token } = api.granted.status;
  expect([await accountOf(api.deps, token), await accountOf(api.deps, `${token}x`, ['vault'])]).toEqual([
    undefined,
    undefined,
  ]);
  expect((await accountOf(api.deps, token, ['vault', 'other']))?.audiences).toEqual(['vault']);
});

test.each([
  [{ expirationSeconds: 599 }, 422],
  [{ boundObjectRef: { kind: 'ConfigMap', name: 'a' } }, 422],
  [{ boundObjectRef: { kind: 'Pod', name: 'none' } }, 404],
])('%j is answered %i', async (spec, code) => {
  await using api = await withToken(spec);
  expect(api.granted.code).toBe(code);
});

const other = '0b0a3d7c-7e4a-4b0f-9f0e-000000000000';
test.each<[string, object, number, string]>([
  [
    'name',
    { name: 'other' },
    422,
    'TokenRequest.authentication.k8s.io "default" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified',
  ],
  [
    'namespace',
    { namespace: 'other' },
    400,
    'the namespace of the provided object does not match the namespace sent on the request (other, default)',
  ],
  [
    'uid',
    { uid: other },
    409,
    `Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "default": the UID in the token request (${other}) does not match the UID of the service account (UID)`,
  ],
])("a request by another %s than its account's is refused", async (_, metadata, code, message) => {
  await using api = await withToken();
  const { status, body } = await api.send('POST', tokenPath, { ...request(), metadata });
  expect([status, body.message]).toEqual([code, message.replace('UID)', `${api.account.metadata.uid})`)]);
});

test('a request may repeat who its account is, and is answered with it', async () => {
  await using api = await withToken();
  const { name, namespace, uid } = api.account.metadata;
  const repeated = await api.send('POST', tokenPath, { ...request(), metadata: { name, namespace, uid } });
  const metadata = { name, namespace, uid, creationTimestamp: '2026-01-02T03:04:05Z' };
  expect([api.granted.metadata, repeated.body.metadata]).toEqual([metadata, metadata]);
});

test('a Pod gets its account, or is refused', async () => {
  await using api = await withToken();
  const { spec } = (await api.send('POST', podsPath, testPod('web'))).body;
  expect(spec.volumes.map(({ name }: { name: string }) => name)).toEqual([expect.stringMatching(/^kube-api-access-/)]);
  expect(spec.containers[0].volumeMounts).toEqual([
    { name: spec.volumes[0].name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
  ]);
  const other = testPod('other');
  other.spec.serviceAccountName = 'nobody';
  expect((await api.send('POST', podsPath, other)).body).toMatchObject({ code: 403, reason: 'Forbidden' });
});
