import { describe, expect, test } from 'vitest';
import { podsPath, testApi, testPod } from '../testing.ts';

describe('create', () => {
  test('gives a Pod its identity, defaults and first status', async () => {
    await using api = await testApi();
    const { status, body } = await api.send('POST', podsPath, testPod('web', { app: 'web' }));
    const { uid, ...metadata } = body.metadata;
    expect(status).toBe(201);
    expect(uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(metadata).toEqual({
      name: 'web',
      namespace: 'default',
      labels: { app: 'web' },
      generation: 1,
      creationTimestamp: '2026-01-02T03:04:05Z',
      resourceVersion: metadata.resourceVersion,
    });
    expect(body.status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' });
    expect(body.spec).toMatchObject({ restartPolicy: 'Always', terminationGracePeriodSeconds: 30 });
    expect((await api.send('GET', `${podsPath}/web`)).body).toEqual(body);
  });

  test('takes what a client may not set away', async () => {
    await using api = await testApi();
    const pod = testPod('web');
    Object.assign(pod.metadata, {
      uid: 'mine',
      generation: 9,
      deletionTimestamp: '2020-01-01T00:00:00Z',
      managedFields: [],
    });
    const { body } = await api.send('POST', podsPath, { ...pod, status: { phase: 'Running' } });
    expect(body.metadata).toEqual({
      name: 'web',
      namespace: 'default',
      uid: expect.not.stringMatching('mine'),
      generation: 1,
      creationTimestamp: '2026-01-02T03:04:05Z',
      resourceVersion: expect.any(String),
    });
    expect(body.status.phase).toBe('Pending');
  });

  test('draws a name', async () => {
    await using api = await testApi();
    const { metadata: _, ...pod } = testPod('');
    const { body } = await api.send('POST', podsPath, { ...pod, metadata: { generateName: 'web-' } });
    expect(body.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2-9]{5}$/);
  });

  test('reads YAML, with and without a content type', async () => {
    await using api = await testApi();
    const yaml = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  a: "yes"\n`;
    const path = '/api/v1/namespaces/default/configmaps';
    const typed = await api.send('POST', path, yaml('one'), { 'content-type': 'application/yaml' });
    const bytes = await api.send('POST', path, new TextEncoder().encode(yaml('two')));
    expect([typed.status, bytes.status]).toEqual([201, 201]);
    expect([typed.body.data, bytes.body.data]).toEqual([{ a: 'yes' }, { a: 'yes' }]);
  });

  test('a dry run answers the same and stores nothing', async () => {
    await using api = await testApi();
    const { status, body } = await api.send('POST', `${podsPath}?dryRun=All`, testPod('web'));
    expect([status, body.metadata.name, body.metadata.resourceVersion]).toEqual([201, 'web', undefined]);
    expect((await api.send('GET', `${podsPath}/web`)).status).toBe(404);
  });

  const status = (code: number, reason: string, message: string, details?: object) => ({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details ? { details } : {}),
    code,
  });

  test.each([
    {
      name: 'a name that is taken',
      path: podsPath,
      body: testPod('taken'),
      expected: status(409, 'AlreadyExists', 'pods "taken" already exists', { name: 'taken', kind: 'pods' }),
    },
    {
      name: 'a namespace that is not there',
      path: '/api/v1/namespaces/nope/pods',
      body: testPod('web'),
      expected: status(404, 'NotFound', 'namespaces "nope" not found', { name: 'nope', kind: 'namespaces' }),
    },
    {
      name: 'another namespace than the path',
      path: podsPath,
      body: { ...testPod('web'), metadata: { name: 'web', namespace: 'other' } },
      expected: status(
        400,
        'BadRequest',
        'the namespace of the provided object does not match the namespace sent on the request (other, default)',
      ),
    },
    {
      name: 'missing fields',
      path: podsPath,
      body: { ...testPod('web'), spec: { containers: [{ name: 'main' }] } },
      expected: status(422, 'Invalid', 'Pod "web" is invalid: spec.containers[0].image: Required value', {
        name: 'web',
        kind: 'Pod',
        causes: [{ reason: 'FieldValueRequired', message: 'Required value', field: 'spec.containers[0].image' }],
      }),
    },
    {
      name: 'a wrong type',
      path: podsPath,
      body: { ...testPod('web'), spec: { containers: 'all' } },
      expected: status(
        400,
        'BadRequest',
        'Pod in version "v1" cannot be handled as a Pod: cannot unmarshal string into field spec.containers of type array',
      ),
    },
    {
      name: 'an unknown field, strictly',
      path: `${podsPath}?fieldValidation=Strict`,
      body: { ...testPod('web'), spek: {} },
      expected: status(
        400,
        'BadRequest',
        'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spek"',
      ),
    },
    {
      name: 'another kind',
      path: podsPath,
      body: { ...testPod('web'), kind: 'Node' },
      expected: status(400, 'BadRequest', 'the kind in the data (Node) does not match the expected kind (Pod)'),
    },
    {
      name: 'no object at all',
      path: podsPath,
      body: [1],
      expected: status(400, 'BadRequest', 'the body of the request must be one Pod object'),
    },
  ])('refuses $name', async ({ path, body, expected }) => {
    await using api = await testApi();
    await api.send('POST', podsPath, testPod('taken'));
    const answer = await api.send('POST', path, body);
    expect(answer).toMatchObject({ status: expected.code, body: expected });
  });

  test.each([{}, { spec: {} }, { spec: { containers: null } }, { spec: { containers: [null] } }, { metadata: null }])(
    'an incomplete Pod is invalid, not a failure of ours: %j',
    async (part) => {
      await using api = await testApi();
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, ...part };
      const { status, body } = await api.send('POST', podsPath, pod);
      expect([status, body.reason]).toEqual([422, 'Invalid']);
    },
  );

  test('warns of an unknown field', async () => {
    await using api = await testApi();
    const { status, headers } = await api.send('POST', podsPath, { ...testPod('web'), spek: {} });
    expect([status, headers.get('warning')]).toEqual([201, '299 - "unknown field \\"spek\\""']);
  });

  test('refuses what cannot be read', async () => {
    await using api = await testApi();
    const sent = [
      ['{', 'application/json'],
      ['a: [', 'application/yaml'],
      ['x', 'application/x-www-form-urlencoded'],
      ['"x"'.padEnd(3 * 1024 * 1024 + 1), 'application/json'],
    ] as const;
    const answers = [];
    for (const [body, type] of sent) answers.push(await api.send('POST', podsPath, body, { 'content-type': type }));
    expect(answers.map(({ status, body }) => [status, body.reason])).toEqual([
      [400, 'BadRequest'],
      [400, 'BadRequest'],
      [415, 'UnsupportedMediaType'],
      [413, 'RequestEntityTooLarge'],
    ]);
  });
});
