import { expect, test } from 'vitest';
import { testApi, told } from '../testing.ts';

const path = '/api/v1/namespaces/default/podtemplates';
const main = { name: 'main', image: 'busybox:v1' };
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/main';

test.each<[string, object | undefined, string[]]>([
  ['nothing at all', undefined, ['template.spec.containers: Required value']],
  ['no containers', { spec: { restartPolicy: 'Never' } }, ['template.spec.containers: Required value']],
  [
    'labels and annotations',
    { metadata: { labels: { a: '-' }, annotations: { '/': '', [APPARMOR]: 'x' } }, spec: { containers: [main] } },
    ['template.labels', 'template.annotations', 'template.annotations', `template.annotations[${APPARMOR}]`],
  ],
  [
    'a spec that no Pod may have',
    {
      spec: {
        containers: [{ ...main, image: '', ports: [{ containerPort: 99_999 }] }],
        restartPolicy: 'Sometimes',
        volumes: [{ name: 'A' }],
        priorityClassName: 'A',
      },
    },
    [
      'template.spec.volumes[0].name',
      'template.spec.containers[0].image: Required value',
      'template.spec.containers[0].ports[0].containerPort',
      'template.spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
      'template.spec.priorityClassName',
    ],
  ],
  [
    'ephemeral containers',
    { spec: { containers: [main], ephemeralContainers: [{ ...main, name: 'look' }] } },
    ['template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template'],
  ],
  [
    'a profile that is two',
    {
      metadata: { annotations: { [APPARMOR]: 'unconfined' } },
      spec: { containers: [{ ...main, securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }] },
    },
    [
      'template.spec.containers[0].securityContext.appArmorProfile.type: Forbidden: the annotation for this profile and the field must match',
    ],
  ],
])('a template with %s is refused, when it is new and later', async (_, template, expected) => {
  await using api = await testApi();
  const good = { metadata: { name: 'a' }, template: { spec: { containers: [main] } } };
  await api.send('POST', path, { ...good, metadata: { name: 'there' } });
  const answers = [
    await api.send('POST', path, { ...good, template }),
    await api.send('PUT', `${path}/there`, { metadata: { name: 'there' }, template }),
  ];
  const lines = expected.map((line) =>
    line.includes(': ') ? line : expect.stringMatching(`^${RegExp.escape(line)}: `),
  );
  expect(answers.map(told)).toEqual([
    [422, ...lines],
    [422, ...lines],
  ]);
});

test('a template is defaulted as a Pod is, but for what depends on its being created', async () => {
  await using api = await testApi();
  const { body } = await api.send('POST', path, {
    metadata: { name: 'a' },
    template: { spec: { containers: [main] } },
  });
  expect(body.template).toEqual({
    metadata: {},
    spec: {
      containers: [
        {
          ...main,
          imagePullPolicy: 'IfNotPresent',
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
      dnsPolicy: 'ClusterFirst',
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    },
  });
});
