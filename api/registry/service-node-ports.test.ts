import { expect, test } from 'vitest';
import type { KubeObject } from '../../pod/types.ts';
import { testApi, told } from '../testing.ts';
import { freeNodePort } from './node-port.ts';

const path = '/api/v1/namespaces/default/services';
const merge = { 'content-type': 'application/merge-patch+json' };

/** Services, of which `taken` has the ports 30080 and 30085 on nodes. */
async function withServices() {
  const api = await testApi();
  const create = (name: string, spec: object) => api.send('POST', path, { metadata: { name }, spec });
  const patch = (name: string, spec: object) => api.send('PATCH', `${path}/${name}`, { spec }, merge);
  await create('taken', {
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 30085,
    ports: [{ port: 80, nodePort: 30080 }],
  });
  return { ...api, create, patch, [Symbol.asyncDispose]: () => api.store.close() };
}

/** A drawn port, as one; a given one, as it is; none, as none. */
const shown = (port: number | undefined) => (port && port >= 30_086 && port <= 32_767 ? 'drawn' : port);
const nodePorts = ({ spec }: KubeObject): unknown[] => spec.ports.map(({ nodePort }: KubeObject) => shown(nodePort));

const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' };

test.each<[string, object, unknown[], unknown]>([
  ['a ClusterIP has none', {}, [undefined], undefined],
  ['a NodePort draws one', { type: 'NodePort' }, ['drawn'], undefined],
  ['a LoadBalancer draws one', { type: 'LoadBalancer' }, ['drawn'], undefined],
  ['unless it is not to', { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false }, [undefined], undefined],
  [
    'though it has those that it asks for',
    { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{ port: 80, nodePort: 30000 }] },
    [30000],
    undefined,
  ],
  ['a free one is had', { type: 'NodePort', ports: [{ port: 80, nodePort: 30000 }] }, [30000], undefined],
  ['the health check has its own', local, ['drawn'], 'drawn'],
  ['and may ask for it', { ...local, healthCheckNodePort: 30001 }, ['drawn'], 30001],
])('%s', async (_, spec, ports, healthCheck) => {
  await using api = await withServices();
  const { status, body } = await api.create('web', { ports: [{ port: 80 }], ...spec });
  expect([status, nodePorts(body), shown(body.spec.healthCheckNodePort)]).toEqual([201, ports, healthCheck]);
  const stored = (await api.send('GET', `${path}/web`)).body;
  expect(stored).toEqual(body);
});

const portTaken = 'provided port is already allocated';
const range = 'provided port is not in the valid range. The range of valid ports is 30000-32767';
test.each<[string, object, string]>([
  [
    "another's",
    { ports: [{ port: 80, nodePort: 30080 }] },
    `spec.ports[0].nodePort: Invalid value: 30080: ${portTaken}`,
  ],
  [
    "another's, by another protocol",
    { ports: [{ port: 80, nodePort: 30080, protocol: 'UDP' }] },
    `spec.ports[0].nodePort: Invalid value: 30080: ${portTaken}`,
  ],
  [
    "that of another's health check",
    { ports: [{ port: 80, nodePort: 30085 }] },
    `spec.ports[0].nodePort: Invalid value: 30085: ${portTaken}`,
  ],
  ['one below', { ports: [{ port: 80, nodePort: 29999 }] }, `spec.ports[0].nodePort: Invalid value: 29999: ${range}`],
  ['one above', { ports: [{ port: 80, nodePort: 32768 }] }, `spec.ports[0].nodePort: Invalid value: 32768: ${range}`],
])('a port on nodes that may not be had, new and later: %s', async (_, spec, why) => {
  await using api = await withServices();
  const refused = await api.create('web', { type: 'NodePort', ...spec });
  await api.create('web', { type: 'NodePort', ports: [{ port: 80 }] });
  expect([told(refused), told(await api.patch('web', spec))]).toEqual([
    [422, why],
    [422, why],
  ]);
});

test.each([
  [30080, portTaken],
  [29999, range],
])('a health check cannot have %i', async (healthCheckNodePort, why) => {
  await using api = await withServices();
  const { status, body } = await api.create('web', { ...local, healthCheckNodePort, ports: [{ port: 80 }] });
  expect([status, body.reason, body.message]).toEqual([
    500,
    'InternalError',
    `Internal error occurred: failed to allocate requested HealthCheck NodePort ${healthCheckNodePort}: ${why}`,
  ]);
});

const dns = [
  { name: 'tcp', port: 53, protocol: 'TCP' },
  { name: 'udp', port: 53, protocol: 'UDP' },
];

test('one number serves several protocols of a Service', async () => {
  await using api = await withServices();
  const create = async (name: string, ports: object[]) => {
    const { body } = await api.create(name, { type: 'NodePort', ports });
    return body.spec.ports.map(({ nodePort }: KubeObject) => nodePort);
  };
  const [tcp, udp] = await create('drawn', dns);
  const asked = [
    await create('named', [dns[0]!, { ...dns[1], nodePort: 30053 }]),
    await create(
      'other',
      dns.map((port) => ({ ...port, nodePort: 30054 })),
    ),
  ];
  expect([shown(tcp), udp, asked]).toEqual([
    'drawn',
    tcp,
    [
      [30053, 30053],
      [30054, 30054],
    ],
  ]);
});

test('what a Service has no use for any more is free again', async () => {
  await using api = await withServices();
  const ports = [
    { name: 'a', port: 80, nodePort: 30001 },
    { name: 'b', port: 81, nodePort: 30002 },
  ];
  await api.create('web', { ...local, healthCheckNodePort: 30003, ports });
  const asks = async (name: string, nodePort: number) => {
    const { status } = await api.create(name, { type: 'NodePort', ports: [{ port: 80, nodePort }] });
    return status;
  };
  const before = [await asks('x', 30001), await asks('x', 30002), await asks('x', 30003)];
  await api.patch('web', { ports: ports.slice(0, 1) });
  const fewer = [await asks('x', 30001), await asks('second', 30002)];
  await api.patch('web', { type: 'ClusterIP' });
  const inside = [await asks('first', 30001), await asks('third', 30003)];
  await api.send('DELETE', `${path}/second`);
  expect([before, fewer, inside, await asks('fourth', 30002)]).toEqual([[422, 422, 422], [422, 201], [201, 201], 201]);
});

test('what a Service lacks it gets when it changes, and what it has stays', async () => {
  await using api = await withServices();
  await api.create('web', { ports: dns });
  const spec = async (change: object): Promise<KubeObject> => (await api.patch('web', change)).body;
  const opened = await spec({ type: 'NodePort' });
  const relabelled = await spec({ selector: { app: 'web' } });
  const checked = await spec(local);
  const [tcp, udp] = opened.spec.ports;
  const swapped = await spec({
    ports: [
      { ...tcp, nodePort: udp.nodePort },
      { ...udp, nodePort: tcp.nodePort },
    ],
  });
  expect([nodePorts(opened), shown(checked.spec.healthCheckNodePort), relabelled.spec.ports]).toEqual([
    ['drawn', 'drawn'],
    'drawn',
    opened.spec.ports,
  ]);
  expect(swapped.spec.ports.map(({ nodePort }: KubeObject) => nodePort)).toEqual([udp.nodePort, tcp.nodePort]);
});

test('a dry run takes nothing', async () => {
  await using api = await withServices();
  const asked = { metadata: { name: 'web' }, spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30001 }] } };
  const dry = await api.send('POST', `${path}?dryRun=All`, asked);
  const real = await api.send('POST', path, asked);
  expect([dry, real].map(({ status, body }) => [status, nodePorts(body)])).toEqual([
    [201, [30001]],
    [201, [30001]],
  ]);
});

test('the lower ports are drawn last', () => {
  const taken = new Set(Array.from({ length: 32_767 - 30_086 }, (_, i) => 30_087 + i));
  expect(freeNodePort(taken)).toBe(30_086);
  taken.add(30_086);
  for (let port = 30_001; port < 30_086; port++) taken.add(port);
  expect(freeNodePort(taken)).toBe(30_000);
  taken.add(30_000);
  expect(() => freeNodePort(taken)).toThrow('no free port on nodes for a Service: delete some');
});
