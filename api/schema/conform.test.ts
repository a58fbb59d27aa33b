import { expect, test } from 'vitest';
import { testSchema } from '../testing.ts';
import { conform } from './conform.ts';

const schema = await testSchema();
const pod = schema.type('io.k8s.api.core.v1.Pod');
const secret = schema.type('io.k8s.api.core.v1.Secret');
const lease = schema.type('io.k8s.api.coordination.v1.Lease');

const container = (fields: object) => ({ spec: { containers: [{ name: 'a', ...fields }] } });

test.each([
  ['nulls are dropped', pod, { metadata: { creationTimestamp: null, labels: null } }, { metadata: {} }],
  [
    'lists and maps of nothing are dropped, but what must be there and objects',
    pod,
    { metadata: { labels: {}, finalizers: [] }, spec: { containers: [], volumes: [{ name: 'a', emptyDir: {} }] } },
    { metadata: {}, spec: { containers: [], volumes: [{ name: 'a', emptyDir: {} }] } },
  ],
  [
    'quantities take their canonical form',
    pod,
    container({ resources: { limits: { cpu: 0.5, memory: '1024Mi' } } }),
    container({ resources: { limits: { cpu: '500m', memory: '1Gi' } } }),
  ],
  [
    'times are UTC in whole seconds',
    pod,
    { metadata: { creationTimestamp: '2026-01-02T03:04:05.6+01:00' } },
    { metadata: { creationTimestamp: '2026-01-02T02:04:05Z' } },
  ],
  [
    'micro times have six digits',
    lease,
    { spec: { renewTime: '2026-01-02T03:04:05.1234567Z' } },
    { spec: { renewTime: '2026-01-02T03:04:05.123456Z' } },
  ],
  [
    'what is required and missing has its zero value',
    pod,
    { spec: { containers: [{ ports: [{}] }] } },
    { spec: { containers: [{ name: '', ports: [{ containerPort: 0 }] }] } },
  ],
  [
    'what is larger than a number can say exactly is the largest that it can',
    pod,
    { spec: { terminationGracePeriodSeconds: 2 ** 63, tolerations: [{ tolerationSeconds: -(2 ** 60) }] } },
    {
      spec: {
        containers: [],
        terminationGracePeriodSeconds: 9007199254740991,
        tolerations: [{ tolerationSeconds: -9007199254740991 }],
      },
    },
  ],
  [
    'a port is a number or a name',
    pod,
    container({ readinessProbe: { httpGet: { port: 'http' } }, livenessProbe: { httpGet: { port: 80 } } }),
    container({ readinessProbe: { httpGet: { port: 'http' } }, livenessProbe: { httpGet: { port: 80 } } }),
  ],
])('%s', (_, type, value, expected) => {
  const unknown: string[] = [];
  expect([conform(type, value, unknown), unknown]).toEqual([expected, []]);
});

test('unknown fields are dropped and told', () => {
  const unknown: string[] = [];
  expect(conform(pod, { ...container({ imag: 'x' }), spek: 1 }, unknown)).toEqual(container({}));
  expect(unknown).toEqual(['spec.containers[0].imag', 'spek']);
});

test.each([
  [pod, { spec: 1 }, 'cannot unmarshal number into field spec of type object'],
  [pod, { spec: { hostNetwork: 'yes' } }, 'cannot unmarshal string into field spec.hostNetwork of type bool'],
  [pod, { spec: { priority: 1.5 } }, 'cannot unmarshal number into field spec.priority of type int32 (it is 1.5)'],
  [
    pod,
    { spec: { priority: 2 ** 31 } },
    'cannot unmarshal number into field spec.priority of type int32 (it is 2147483648)',
  ],
  [pod, { metadata: { labels: { a: 1 } } }, 'cannot unmarshal number into field metadata.labels.a of type string'],
  [pod, { metadata: { creationTimestamp: 'noon' } }, 'parsing time "noon" in field metadata.creationTimestamp'],
  [
    pod,
    { metadata: { creationTimestamp: '9999-12-31T23:59:59-01:00' } },
    'parsing time "9999-12-31T23:59:59-01:00" in field metadata.creationTimestamp',
  ],
  [pod, container({ args: 'a' }), 'cannot unmarshal string into field spec.containers[0].args of type array'],
  [pod, container({ resources: { limits: { cpu: 'much' } } }), 'field spec.containers[0].resources.limits.cpu: '],
  [secret, { data: { a: 'no base64!' } }, 'field data.a is not base64'],
])('%#: a wrong type is an error', (type, value, message) => {
  expect(() => conform(type, value, [])).toThrow(message);
});
