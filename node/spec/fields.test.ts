import { expect, test } from 'vitest';
import { environmentField, metadataField } from './field-ref.ts';
import { resourceField } from './resource-field.ts';
import { testContext, testPod } from './test-pod.ts';

const pod = testPod(
  { serviceAccountName: 'robot', nodeName: 'node-1' },
  { labels: { b: '2', a: 'say "hi"\n\\ü\u00a0\x01' }, annotations: { 'example.com/Note': 'n' } },
);
const node = testContext();

test.each([
  ['metadata.name', 'web'],
  ['metadata.namespace', 'shop'],
  ['metadata.uid', 'uid-1'],
  ['metadata.labels', 'a="say \\"hi\\"\\n\\\\ü\\u00a0\\x01"\nb="2"'],
  ['metadata.annotations', 'example.com/Note="n"'],
  ["metadata.labels['b']", '2'],
  ["metadata.labels['none']", ''],
  ["metadata.annotations['example.com/Note']", 'n'],
  ['spec.nodeName', 'node-1'],
  ['spec.serviceAccountName', 'robot'],
  ['status.hostIP', '192.0.2.1'],
  ['status.hostIPs', '192.0.2.1,2001:db8::1'],
  ['status.podIP', '10.0.0.7'],
  ['status.podIPs', '10.0.0.7,fd00::7'],
])('%s', (path, expected) => {
  expect(environmentField(pod, path, node)).toBe(expected);
});

test.each(['status.podIP', 'spec.hostname', "metadata.name['x']", "metadata.labels['a b']"])(
  'a volume cannot show %s',
  (path) => {
    expect(() => metadataField(pod, path)).toThrow(path);
  },
);

const resources = {
  requests: { cpu: '250m', memory: '100Mi' },
  limits: { cpu: '1500m', memory: '1Gi' },
};
const limited = testPod({ containers: [{ name: 'main', resources }, { name: 'free' }] });
const [main, free] = limited.spec.containers;

test.each([
  [main, { resource: 'limits.cpu' }, '2'],
  [main, { resource: 'limits.cpu', divisor: '0' }, '2'],
  [main, { resource: 'limits.cpu', divisor: '1m' }, '1500'],
  [main, { resource: 'requests.cpu' }, '1'],
  [main, { resource: 'limits.memory' }, String(2 ** 30)],
  [main, { resource: 'requests.memory', divisor: '1Mi' }, '100'],
  [main, { resource: 'requests.memory', divisor: '64Mi' }, '2'],
  [free, { resource: 'limits.cpu' }, '2'],
  [free, { resource: 'limits.memory', divisor: '1Gi' }, '4'],
  [free, { resource: 'limits.ephemeral-storage', divisor: '1Gi' }, '10'],
  [free, { resource: 'requests.cpu' }, '0'],
  [free, { resource: 'requests.cpu', containerName: 'main', divisor: '1m' }, '250'],
  [undefined, { resource: 'limits.cpu', containerName: 'main' }, '2'],
  [main, { resource: 'limits.hugepages-2Mi' }, '0'],
  [main, { resource: 'requests.hugepages-1Gi', divisor: '1Mi' }, '0'],
])('resource field %#', (own, ref, expected) => {
  expect(resourceField(ref, limited, own, node.allocatable)).toBe(expected);
});

test.each([
  [{ resource: 'limits.gpu' }, 'unsupported container resource: limits.gpu'],
  [{ resource: 'limits.cpu', containerName: 'gone' }, 'container gone not found'],
])('refuses %j', (ref, message) => {
  expect(() => resourceField(ref, limited, main, node.allocatable)).toThrow(message);
});

test('the limit of the Pod stands in for that of the container', () => {
  const podLevel = testPod({ resources: { limits: { cpu: '500m' } } });
  expect(
    resourceField({ resource: 'limits.cpu', divisor: '1m' }, podLevel, podLevel.spec.containers[0], node.allocatable),
  ).toBe('500');
});
