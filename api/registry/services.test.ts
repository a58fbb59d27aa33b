import { expect, test } from 'vitest';
import { testApi } from '../testing.ts';

const path = '/api/v1/namespaces/default/services';
const merge = { 'content-type': 'application/merge-patch+json' };
const ports = [{ port: 80 }];

/** What is said of a Service that is created like this; `taken` has 10.96.7.7. */
async function withServices() {
  const api = await testApi();
  const create = (name: string, spec: object) => api.send('POST', path, { metadata: { name }, spec });
  const patch = (name: string, spec: object) => api.send('PATCH', `${path}/${name}`, { spec }, merge);
  await create('taken', { ports, clusterIP: '10.96.7.7' });
  return { ...api, create, patch, [Symbol.asyncDispose]: () => api.store.close() };
}

const inRange = 'The range of valid IPs is 10.96.0.0/16';

test.each<[string, object, string]>([
  [
    'the same port twice',
    {
      ports: [
        { name: 'a', port: 53, protocol: 'UDP' },
        { name: 'b', port: 53 },
        { name: 'c', port: 53, protocol: 'TCP' },
      ],
    },
    'spec.ports[2]: Duplicate value: {"protocol":"TCP","port":53}',
  ],
  [
    'no address',
    { clusterIP: 'hello' },
    'spec.clusterIPs[0]: Invalid value: "hello": must be a valid IP address, e.g. 10.9.8.7 or 2001:db8::ffff',
  ],
  [
    "another's",
    { clusterIP: '10.96.7.7' },
    'spec.clusterIPs: Invalid value: ["10.96.7.7"]: failed to allocate IP 10.96.7.7: provided IP is already allocated',
  ],
  [
    "the API's own",
    { clusterIP: '10.96.0.1' },
    'spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated',
  ],
  ...['10.97.0.1', '10.96.0.0', '10.96.255.255', 'fd00::1'].map((ip): [string, object, string] => [
    `none of ours, ${ip}`,
    { clusterIP: ip },
    `spec.clusterIPs: Invalid value: ["${ip}"]: failed to allocate IP ${ip}: the provided IP is not in the valid range. ${inRange}`,
  ]),
  [
    'two that differ',
    { clusterIP: '10.96.7.8', clusterIPs: ['10.96.7.9'] },
    'spec.clusterIPs: Invalid value: ["10.96.7.9"]: first value must match `clusterIP`',
  ],
  [
    'several',
    { clusterIP: '10.96.7.8', clusterIPs: ['10.96.7.8', '10.96.7.9'] },
    'spec.clusterIPs: Invalid value: ["10.96.7.8","10.96.7.9"]: may specify no more than one IP for each IP family',
  ],
  [
    'only in the list',
    { clusterIPs: ['10.96.7.8'] },
    'spec.clusterIPs: Invalid value: ["10.96.7.8"]: must be empty when `clusterIP` is not specified',
  ],
  [
    'another name with an address',
    { type: 'ExternalName', externalName: 'a.b', clusterIP: '10.96.7.8' },
    'spec.clusterIPs: Forbidden: may not be set for ExternalName services',
  ],
  [
    'no name of DNS',
    { type: 'ExternalName', externalName: 'a_b' },
    expect.stringMatching(/^spec\.externalName: Invalid value: "a_b"/) as unknown as string,
  ],
  [
    'a port of nodes, headless',
    { type: 'NodePort', clusterIP: 'None' },
    'spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services',
  ],
  [
    'a family that there is not',
    { ipFamilies: ['IPv5'] },
    'spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"',
  ],
  [
    'a family twice, another that is not here, and both',
    { ipFamilies: ['IPv4', 'IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' },
    '[spec.ipFamilies[1]: Duplicate value: "IPv4", spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services, spec.ipFamilies[2]: Invalid value: "IPv6": not configured on this cluster]',
  ],
  [
    'a policy that there is not',
    { ipFamilyPolicy: 'Any' },
    'spec.ipFamilyPolicy: Unsupported value: "Any": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
  ],
  [
    'headless and more',
    { clusterIP: 'None', clusterIPs: ['None', '10.96.7.8'] },
    'spec.clusterIPs: Invalid value: ["None","10.96.7.8"]: \'None\' must be the first and only value',
  ],
])('refused: %s', async (_, spec, why) => {
  await using api = await withServices();
  const { status, body } = await api.create('web', { ports, ...spec });
  const text = body.message?.replace('Service "web" is invalid: ', '');
  expect([status, text]).toEqual([422, why]);
});

test('an address that is free may be asked for, and is free again once its Service has gone', async () => {
  await using api = await withServices();
  await api.send('DELETE', `${path}/taken`);
  expect((await api.create('web', { ports, clusterIP: '10.96.7.7' })).body.spec).toMatchObject({
    clusterIP: '10.96.7.7',
    clusterIPs: ['10.96.7.7'],
  });
});

test('a Service that becomes another name gives its address back, and gets one when it becomes none', async () => {
  await using api = await withServices();
  const away = (await api.patch('taken', { type: 'ExternalName', externalName: 'a.b' })).body.spec;
  expect(away).toEqual({
    type: 'ExternalName',
    externalName: 'a.b',
    ports: expect.anything(),
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
  });
  const back = (await api.patch('taken', { type: 'ClusterIP', externalName: null })).body.spec;
  expect(back).toMatchObject({ clusterIPs: [back.clusterIP], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
  expect(back.clusterIP).toMatch(/^10\.96\.\d+\.\d+$/);
  await api.create('other', { type: 'ExternalName', externalName: 'a.b.' });
  const refused = await api.patch('other', { type: 'ClusterIP', ports, clusterIP: back.clusterIP });
  expect([refused.status, refused.body.message]).toEqual([422, expect.stringContaining('already allocated')]);
  const headless = (await api.patch('other', { type: 'ClusterIP', ports, clusterIP: 'None' })).body.spec;
  expect(headless.clusterIPs).toEqual(['None']);
});

const noProxy =
  'nothing proxies the address of a Service here: reach Pods by their own, which its EndpointSlices list; sessionAffinity, externalIPs, node ports, load balancers and traffic policies have no effect';

test.each<[string, object, string | null]>([
  ['an address', { ports }, `299 - "${noProxy}"`],
  ['an address that is asked for', { ports, clusterIP: '10.96.7.8' }, `299 - "${noProxy}"`],
  ['no address', { ports, clusterIP: 'None' }, null],
  ['another name', { type: 'ExternalName', externalName: 'a.b' }, null],
])('who creates a Service with %s is told what it is good for', async (_, spec, warning) => {
  await using api = await withServices();
  const created = await api.create('web', spec);
  const replaced = await api.send('PUT', `${path}/taken`, { metadata: { name: 'taken' }, spec: { ports } });
  expect([created, replaced].map(({ status, headers }) => [status, headers.get('warning')])).toEqual([
    [201, warning],
    [200, null],
  ]);
});

test('an address is kept', async () => {
  await using api = await withServices();
  const same = await api.send('PUT', `${path}/taken`, { metadata: { name: 'taken' }, spec: { ports } });
  expect(same.body.spec.clusterIP).toBe('10.96.7.7');
  const answers = [
    await api.patch('taken', { clusterIP: '10.96.7.8' }),
    await api.patch('taken', { clusterIP: '10.96.7.8', clusterIPs: ['10.96.7.8'] }),
    await api.patch('taken', { clusterIP: 'None', clusterIPs: ['None'] }),
  ];
  expect(answers.map(({ status, body }) => [status, body.details?.causes[0].message])).toEqual([
    [422, 'Invalid value: ["10.96.7.7"]: first value must match `clusterIP`'],
    [422, 'Invalid value: ["10.96.7.8"]: may not change once set'],
    [422, 'Invalid value: ["None"]: may not change once set'],
  ]);
});

test.each<[string, number]>([
  ['1st', 201],
  ['a-b', 201],
  ['A', 422],
  ['a.b', 422],
])('a Service may be called %s: %i', async (name, status) => {
  await using api = await withServices();
  expect((await api.create(name, { ports })).status).toBe(status);
});
