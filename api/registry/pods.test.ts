import { expect, test } from 'vitest';
import { podsPath, testApi, testPod } from '../testing.ts';

const advice = 'the node does not load AppArmor profiles; remove it or use type Unconfined';
const field = 'spec.containers[0].securityContext.appArmorProfile';
const both = (profile: object) => `Unsupported value: ${JSON.stringify(profile)}: ${advice}`;

test.each<[string, object, [number, unknown]]>([
  ['unconfined', { type: 'Unconfined' }, [201, { type: 'Unconfined' }]],
  ['runtime/default', { type: 'RuntimeDefault' }, [422, [[field, both({ type: 'RuntimeDefault' })]]]],
  [
    'localhost/a',
    { type: 'Localhost', localhostProfile: 'a' },
    [422, [[field, both({ type: 'Localhost', localhostProfile: 'a' })]]],
  ],
  [
    'localhost/',
    { type: 'Localhost', localhostProfile: '' },
    [
      422,
      [
        [`${field}.localhostProfile`, 'Required value: must be set when AppArmor type is Localhost'],
        [field, both({ type: 'Localhost', localhostProfile: '' })],
      ],
    ],
  ],
])('an AppArmor profile is the same as annotation (%s) and as field', async (annotation, appArmorProfile, expected) => {
  await using api = await testApi();
  const { metadata, spec } = testPod('web');
  const { name } = spec.containers[0]!;
  const annotations = { [`container.apparmor.security.beta.kubernetes.io/${name}`]: annotation };
  const [main] = spec.containers;
  const answers = [
    await api.send('POST', podsPath, { metadata: { ...metadata, annotations }, spec }),
    await api.send('POST', podsPath, {
      metadata: { ...metadata, name: 'field' },
      spec: { ...spec, containers: [{ ...main, securityContext: { appArmorProfile } }] },
    }),
  ];
  const told = answers.map(({ status, body }) => [
    status,
    body.spec?.containers[0].securityContext.appArmorProfile ??
      body.details.causes.map((cause: { field: string; message: string }) => [cause.field, cause.message]),
  ]);
  expect(told).toEqual([expected, expected]);
});
