import { describe, expect, test } from 'vitest';
import type { Container, Pod } from '../../pod/types.ts';
import { containerEnv } from './environment.ts';
import { ContainerConfigError } from './errors.ts';
import { testContext, testPod } from './test-pod.ts';

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');

const objects = {
  'configmaps/shop/settings': { data: { COLOR: 'red', 'a.b': 'dotted', 'NAME=': 'odd' }, binaryData: { BIN: 'AA==' } },
  'configmaps/other/settings': { data: { COLOR: 'blue' } },
  'secrets/shop/keys': {
    data: { TOKEN: base64('s3cret$(COLOR)'), BYTES: base64(Buffer.from([0xff, 0xfe])), NUL: base64('a\0b') },
  },
};

const env = async (container: Partial<Container>, spec: Partial<Pod['spec']> = {}, services = {}) => {
  const main = { name: 'main', ...container };
  const pod = testPod({ containers: [main], ...spec });
  return Object.fromEntries(await containerEnv(pod, main, testContext({ ...objects, ...services })));
};

describe('variables', () => {
  const cases: [string, Partial<Container>, Record<string, string>][] = [
    [
      'literals, expanded in order',
      {
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '$(A)-$(C)-$$(A)' },
          { name: 'C', value: '$(B)' },
          { name: 'EMPTY' },
        ],
      },
      { A: '1', B: '1-$(C)-$(A)', C: '1-$(C)-$(A)', EMPTY: '' },
    ],
    [
      'envFrom with a prefix, invalid names skipped',
      {
        envFrom: [{ configMapRef: { name: 'settings' }, prefix: 'X_' }],
      },
      { X_COLOR: 'red', 'X_a.b': 'dotted' },
    ],
    [
      'env over envFrom, the last envFrom over the first',
      {
        envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'gone', optional: true } }],
        env: [{ name: 'COLOR', value: '$(COLOR)der' }],
      },
      { COLOR: 'redder', 'a.b': 'dotted' },
    ],
    [
      'keys; what is taken from elsewhere is not expanded',
      {
        env: [
          { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'COLOR' } } },
          { name: 'T', valueFrom: { secretKeyRef: { name: 'keys', key: 'TOKEN' } } },
          { name: 'USE', value: '<$(T)>' },
        ],
      },
      { COLOR: 'red', T: 's3cret$(COLOR)', USE: '<s3cret$(COLOR)>' },
    ],
    [
      'optional references that are not there',
      {
        env: [
          { name: 'A', valueFrom: { configMapKeyRef: { name: 'gone', key: 'k', optional: true } } },
          { name: 'B', valueFrom: { secretKeyRef: { name: 'keys', key: 'gone', optional: true } } },
          { name: 'C', value: 'c' },
        ],
        envFrom: [{ configMapRef: { name: 'gone', optional: true } }],
      },
      { C: 'c' },
    ],
    [
      'fields',
      {
        env: [
          { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        ],
      },
      { IP: '10.0.0.7', CPU: '2' },
    ],
  ];
  test.each(cases)('%s', async (_, container, expected) => {
    expect(await env(container)).toEqual(expected);
  });
});

describe('what is missing', () => {
  const key = (kind: 'configMapKeyRef' | 'secretKeyRef', name: string, k: string): Partial<Container> => ({
    env: [{ name: 'A', valueFrom: { [kind]: { name, key: k } } }],
  });
  const cases: [Partial<Container>, string][] = [
    [key('configMapKeyRef', 'gone', 'k'), 'configmap "gone" not found'],
    [key('secretKeyRef', 'gone', 'k'), 'secret "gone" not found'],
    [key('configMapKeyRef', 'settings', 'k'), "couldn't find key k in ConfigMap shop/settings"],
    [key('secretKeyRef', 'keys', 'k'), "couldn't find key k in Secret shop/keys"],
    [{ envFrom: [{ configMapRef: { name: 'gone' } }] }, 'configmap "gone" not found'],
    [{ envFrom: [{ secretRef: { name: 'gone' } }] }, 'secret "gone" not found'],
    [
      key('secretKeyRef', 'keys', 'BYTES'),
      'the value of key BYTES in Secret shop/keys is not UTF-8 text; mount it as a volume instead',
    ],
    [
      key('secretKeyRef', 'keys', 'NUL'),
      'the value of key NUL in Secret shop/keys contains a NUL byte; mount it as a volume instead',
    ],
    [{ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.gone' } } }] }, 'unsupported fieldPath: spec.gone'],
    [
      { env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.gpu' } } }] },
      'unsupported container resource: limits.gpu',
    ],
  ];
  test.each(cases)('%j', async (container, message) => {
    const error = await env(container).catch((e) => e);
    expect(error).toBeInstanceOf(ContainerConfigError);
    expect({ reason: error.reason, message: error.message }).toEqual({ reason: 'CreateContainerConfigError', message });
  });

  test('a failing API is not a missing reference', async () => {
    const ctx = testContext({}, { read: async () => Promise.reject(new Error('connection refused')) });
    await expect(containerEnv(testPod(), { env: [] }, ctx)).rejects.toThrow('connection refused');
  });
});

describe('Services', () => {
  const services = {
    'services/shop/my-db': {
      spec: {
        clusterIP: '10.96.0.5',
        ports: [
          { name: 'sql', port: 5432 },
          { name: 'admin-ui', port: 80, protocol: 'UDP' },
        ],
      },
    },
    'services/shop/headless': { spec: { clusterIP: 'None', ports: [{ port: 1 }] } },
    'services/shop/external': { spec: { externalName: 'example.com' } },
    'services/default/kubernetes': { spec: { clusterIP: 'fd00::1', ports: [{ port: 443 }] } },
    'services/default/other': { spec: { clusterIP: '10.96.0.9', ports: [{ port: 9 }] } },
  };
  const kubernetes = {
    KUBERNETES_SERVICE_HOST: 'fd00::1',
    KUBERNETES_SERVICE_PORT: '443',
    KUBERNETES_PORT: 'tcp://[fd00::1]:443',
    KUBERNETES_PORT_443_TCP: 'tcp://[fd00::1]:443',
    KUBERNETES_PORT_443_TCP_PROTO: 'tcp',
    KUBERNETES_PORT_443_TCP_PORT: '443',
    KUBERNETES_PORT_443_TCP_ADDR: 'fd00::1',
  };

  test('of the namespace, and kubernetes', async () => {
    expect(await env({}, {}, services)).toEqual({
      ...kubernetes,
      MY_DB_SERVICE_HOST: '10.96.0.5',
      MY_DB_SERVICE_PORT: '5432',
      MY_DB_SERVICE_PORT_SQL: '5432',
      MY_DB_SERVICE_PORT_ADMIN_UI: '80',
      MY_DB_PORT: 'tcp://10.96.0.5:5432',
      MY_DB_PORT_5432_TCP: 'tcp://10.96.0.5:5432',
      MY_DB_PORT_5432_TCP_PROTO: 'tcp',
      MY_DB_PORT_5432_TCP_PORT: '5432',
      MY_DB_PORT_5432_TCP_ADDR: '10.96.0.5',
      MY_DB_PORT_80_UDP: 'udp://10.96.0.5:80',
      MY_DB_PORT_80_UDP_PROTO: 'udp',
      MY_DB_PORT_80_UDP_PORT: '80',
      MY_DB_PORT_80_UDP_ADDR: '10.96.0.5',
    });
  });

  test('without links only kubernetes; own variables win and may refer to them', async () => {
    const own = [
      { name: 'URL', value: 'https://$(KUBERNETES_SERVICE_HOST)' },
      { name: 'KUBERNETES_SERVICE_PORT', value: '1' },
    ];
    expect(await env({ env: own }, { enableServiceLinks: false }, services)).toEqual({
      ...kubernetes,
      URL: 'https://fd00::1',
      KUBERNETES_SERVICE_PORT: '1',
    });
  });
});
