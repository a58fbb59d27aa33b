import { expect, test } from 'vitest';
import { podsPath, testApi, testPod } from '../testing.ts';

const dryRun = 'dryRun: Unsupported value: ["Some"]: supported values: "All"';
const validation = 'fieldValidation: Unsupported value: "Lax": supported values: "", "Ignore", "Strict", "Warn"';
const manager = 'fieldManager: Invalid value: "a\\nü\\u0000": invalid character';
const policy = '"Foreground", "Background", "Orphan", "nil"';
const both = 'orphanDependents and deletionPropagation cannot be both set';
const review = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'web' } };

test.each<[string, string, string, object | undefined, string, string[]]>([
  ['POST', podsPath, 'dryRun=Some&fieldValidation=Lax', testPod('new'), 'CreateOptions', [dryRun, validation]],
  ['POST', review, 'fieldValidation=Lax', {}, 'CreateOptions', [validation]],
  ['PUT', `${podsPath}/web`, 'dryRun=Some&fieldValidation=Lax', {}, 'UpdateOptions', [dryRun, validation]],
  ['PUT', `${podsPath}/web/status`, 'dryRun=All&dryRun=', {}, 'UpdateOptions', [dryRun.replace('"Some"', '"All",""')]],
  [
    'PATCH',
    `${podsPath}/web`,
    'dryRun=Some&fieldValidation=Lax&force=false',
    {},
    'PatchOptions',
    ['force: Forbidden: may not be specified for non-apply patch', dryRun, validation],
  ],
  [
    'PUT',
    `${podsPath}/web`,
    `fieldManager=${'a'.repeat(129)}`,
    {},
    'UpdateOptions',
    ['fieldManager: Too long: may not be more than 128 bytes'],
  ],
  [
    'PUT',
    `${podsPath}/web`,
    `fieldManager=${encodeURIComponent('a\nü\0')}`,
    {},
    'UpdateOptions',
    [`${manager} U+000A (at position 1)`, `${manager} U+0000 (at position 4)`],
  ],
  ['DELETE', `${podsPath}/web`, 'dryRun=Some', undefined, 'DeleteOptions', [dryRun]],
  ['DELETE', `${podsPath}/web`, '', { dryRun: ['Some'] }, 'DeleteOptions', [dryRun]],
  [
    'POST',
    `${podsPath}/web/eviction`,
    '',
    { ...eviction, deleteOptions: { dryRun: ['Some'] } },
    'DeleteOptions',
    [dryRun],
  ],
  [
    'DELETE',
    podsPath,
    'orphanDependents=false&propagationPolicy=Orphan',
    undefined,
    'DeleteOptions',
    [`propagationPolicy: Invalid value: "Orphan": ${both}`],
  ],
  [
    'DELETE',
    `${podsPath}/web`,
    '',
    { orphanDependents: true, propagationPolicy: 'Perhaps', dryRun: ['Some'] },
    'DeleteOptions',
    [
      `propagationPolicy: Invalid value: "Perhaps": ${both}`,
      `propagationPolicy: Unsupported value: "Perhaps": supported values: ${policy}`,
      dryRun,
    ],
  ],
])('%s %s?%s is refused', async (method, path, query, body, kind, errors) => {
  await using api = await testApi();
  const { body: pod } = await api.send('POST', podsPath, testPod('web'));
  const headers = { 'content-type': `application/${method === 'PATCH' ? 'merge-patch+' : ''}json` };
  const { status, body: refusal } = await api.send(method, `${path}?${query}`, body, headers);
  const text = errors.length > 1 ? `[${errors.join(', ')}]` : errors[0];
  expect([status, refusal]).toEqual([
    422,
    {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `${kind}.meta.k8s.io "" is invalid: ${text}`,
      reason: 'Invalid',
      details: { group: 'meta.k8s.io', kind, causes: errors.map(() => expect.anything()) },
      code: 422,
    },
  ]);
  const { items } = (await api.send('GET', podsPath)).body;
  expect(items.map(({ metadata }: { metadata: object }) => metadata)).toEqual([pod.metadata]);
});

test('options that there are pass', async () => {
  await using api = await testApi();
  const query = 'dryRun=All&fieldValidation=&fieldManager=ein%20B%C3%BCro';
  const answers = [
    await api.send('POST', `${podsPath}?${query}`, testPod('web')),
    await api.send('DELETE', `${podsPath}?orphanDependents=true`),
    await api.send('DELETE', podsPath, { propagationPolicy: 'Orphan', dryRun: ['All'] }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([201, 200, 200]);
});
