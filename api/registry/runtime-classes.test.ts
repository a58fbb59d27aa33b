import { expect, test } from 'vitest';
import { testApi, told } from '../testing.ts';

const path = '/apis/node.k8s.io/v1/runtimeclasses';
const merge = { 'content-type': 'application/merge-patch+json' };
const toleration = { key: 'a', operator: 'Exists' };

test.each<[object, string[]]>([
  [{}, ['handler: Required value']],
  [{ handler: 'A' }, [expect.stringMatching(/^handler: Invalid value: "A"/)]],
  [
    { handler: 'runc', overhead: { podFixed: { cpu: '-1', disk: '1' } } },
    [
      'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
      expect.stringMatching(/^overhead\.limits\[disk\]: Invalid/),
    ],
  ],
  [
    {
      handler: 'runc',
      scheduling: { nodeSelector: { a: '-' }, tolerations: [toleration, { operator: '' }, toleration] },
    },
    [
      expect.stringMatching(/^scheduling\.nodeSelector: Invalid value: "-"/),
      expect.stringMatching(/^scheduling\.tolerations\[1\]\.operator: Invalid value: ""/),
      'scheduling.tolerations[2]: Duplicate value: {"key":"a","operator":"Exists"}',
    ],
  ],
])('a runtime class of %j is refused', async (fields, expected) => {
  await using api = await testApi();
  expect(told(await api.send('POST', path, { metadata: { name: 'a' }, ...fields }))).toEqual([422, ...expected]);
});

test('the handler of a runtime class stays', async () => {
  await using api = await testApi();
  await api.send('POST', path, { metadata: { name: 'a' }, handler: 'runc' });
  expect(told(await api.send('PATCH', `${path}/a`, { handler: 'kata' }, merge))).toEqual([
    422,
    'handler: Invalid value: "kata": field is immutable',
  ]);
});
