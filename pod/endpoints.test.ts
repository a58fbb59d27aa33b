import { expect, test } from 'vitest';
import { type AddressType, endpointGroups, type Service, selectsPods } from './endpoints.ts';
import type { Pod } from './types.ts';

const web = { name: 'main', image: 'i', ports: [{ name: 'http', containerPort: 8080 }] };

const service = (spec: object = {}): Service => ({
  metadata: { name: 'web', namespace: 'default', uid: 's' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, protocol: 'TCP', targetPort: 8080 }], ...spec },
});

const pod = (name: string, { metadata = {}, spec = {}, status = {} } = {}): Pod => ({
  metadata: { name, namespace: 'default', uid: `uid-${name}`, labels: { app: 'web' }, ...metadata },
  spec: { nodeName: 'box', containers: [web], ...spec },
  status: {
    phase: 'Running',
    podIP: '10.0.0.1',
    podIPs: [{ ip: '10.0.0.1' }],
    conditions: [{ type: 'Ready', status: 'True' }],
    ...status,
  },
});

const endpoint = (name: string, more: object = {}) => ({
  addresses: ['10.0.0.1'],
  conditions: { ready: true, serving: true, terminating: false },
  nodeName: 'box',
  targetRef: { kind: 'Pod', namespace: 'default', name, uid: `uid-${name}` },
  ...more,
});

const port = { name: '', port: 8080, protocol: 'TCP' };
const notReady = { conditions: [{ type: 'Ready', status: 'False' }] };
const going = { deletionTimestamp: '2026-01-02T03:04:05Z' };
const named = { ports: [{ name: 'web', port: 80, protocol: 'TCP', targetPort: 'http' }] };
const noPorts = { containers: [{ name: 'main', image: 'i' }] };
const init = { ...web, name: 'init' };

test.each<[string, Service, Pod[], object]>([
  ['a ready Pod', service(), [pod('a')], [{ ports: [port], endpoints: [endpoint('a')] }]],
  [
    'one that is not ready',
    service(),
    [pod('a', { status: notReady })],
    [
      {
        ports: [port],
        endpoints: [endpoint('a', { conditions: { ready: false, serving: false, terminating: false } })],
      },
    ],
  ],
  [
    'one that is going and still serves',
    service(),
    [pod('a', { metadata: going })],
    [{ ports: [port], endpoints: [endpoint('a', { conditions: { ready: false, serving: true, terminating: true } })] }],
  ],
  [
    'all are wanted, ready or not',
    service({ publishNotReadyAddresses: true }),
    [pod('a', { status: notReady }), pod('b', { metadata: going })],
    [
      {
        ports: [port],
        endpoints: [
          endpoint('a', { conditions: { ready: true, serving: false, terminating: false } }),
          endpoint('b', { conditions: { ready: true, serving: true, terminating: true } }),
        ],
      },
    ],
  ],
  [
    'Pods that others are selected by, that ended, or that have no address',
    service(),
    [
      pod('other', { metadata: { labels: { app: 'db' } } }),
      pod('bare', { metadata: { labels: undefined } }),
      pod('done', { status: { phase: 'Succeeded' } }),
      pod('failed', { status: { phase: 'Failed' } }),
      pod('new', { status: { podIP: undefined, podIPs: undefined } }),
    ],
    [],
  ],
  [
    'a name under the Service',
    service(),
    [
      pod('a', { spec: { hostname: 'one', subdomain: 'web' } }),
      pod('b', { spec: { hostname: 'two', subdomain: 'x' } }),
    ],
    [{ ports: [port], endpoints: [endpoint('a', { hostname: 'one' }), endpoint('b')] }],
  ],
  [
    'a port by its name',
    service(named),
    [pod('a')],
    [{ ports: [{ name: 'web', port: 8080, protocol: 'TCP' }], endpoints: [endpoint('a')] }],
  ],
  [
    'a port of a sidecar',
    service(named),
    [pod('a', { spec: { ...noPorts, initContainers: [{ ...init, restartPolicy: 'Always' }] } })],
    [{ ports: [{ name: 'web', port: 8080, protocol: 'TCP' }], endpoints: [endpoint('a')] }],
  ],
  [
    'never one of an init container',
    service(named),
    [pod('a', { spec: { ...noPorts, initContainers: [init] } })],
    [{ ports: [], endpoints: [endpoint('a')] }],
  ],
  [
    'a port of another protocol',
    service({ ports: [{ name: 'web', port: 80, protocol: 'UDP', targetPort: 'http' }] }),
    [pod('a')],
    [{ ports: [], endpoints: [endpoint('a')] }],
  ],
  [
    'Pods with the name on different ports',
    service(named),
    [pod('a'), pod('b', { spec: { containers: [{ ...web, ports: [{ name: 'http', containerPort: 9090 }] }] } })],
    [
      { ports: [{ name: 'web', port: 8080, protocol: 'TCP' }], endpoints: [endpoint('a')] },
      { ports: [{ name: 'web', port: 9090, protocol: 'TCP' }], endpoints: [endpoint('b')] },
    ],
  ],
  [
    'an application protocol',
    service({ ports: [{ port: 80, protocol: 'TCP', targetPort: 8080, appProtocol: 'http' }] }),
    [pod('a')],
    [{ ports: [{ ...port, appProtocol: 'http' }], endpoints: [endpoint('a')] }],
  ],
  [
    'a headless Service without ports',
    service({ clusterIP: 'None', ports: undefined }),
    [pod('a')],
    [{ ports: [], endpoints: [endpoint('a')] }],
  ],
])('%s', (_, given, pods, groups) => {
  expect(endpointGroups(given, pods, 'IPv4')).toEqual(groups);
});

test.each<[AddressType, string[][]]>([
  ['IPv4', [['10.0.0.1'], ['10.0.0.2']]],
  ['IPv6', [['fd00::1']]],
])('addresses of one family: %s', (family, addresses) => {
  const both = pod('a', { status: { podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] } });
  const one = pod('b', { status: { podIP: '10.0.0.2', podIPs: [{ ip: '10.0.0.2' }] } });
  const groups = endpointGroups(service(), [both, one], family);
  expect(groups.flatMap(({ endpoints }) => endpoints.map((e) => e.addresses))).toEqual(addresses);
});

test.each<[string, object, boolean]>([
  ['a selector', {}, true],
  ['a selector of nothing', { selector: {} }, false],
  ['no selector', { selector: undefined }, false],
  ['another name', { type: 'ExternalName', externalName: 'example.com' }, false],
])('whose endpoints are its Pods: %s', (_, spec, selects) => {
  expect(selectsPods(service(spec))).toBe(selects);
});
