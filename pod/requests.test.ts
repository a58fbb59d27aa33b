import { expect, test } from 'vitest';
import { requestsOf, shortages } from './requests.ts';
import type { Pod } from './types.ts';

const container = (name: string, requests: object, more: object = {}) => ({
  name,
  image: 'i',
  resources: { requests },
  ...more,
});
const pod = (spec: object, status: object = {}): Pod => ({ metadata: { name: 'web' }, spec, status }) as Pod;

test.each<[string, Pod, object]>([
  ['nothing but its place', pod({ containers: [{ name: 'a' }] }), { pods: 1 }],
  [
    'its containers together',
    pod({ containers: [container('a', { cpu: '100m', memory: '64Mi' }), container('b', { cpu: '1' })] }),
    { cpu: 1100, memory: 67108864, pods: 1 },
  ],
  [
    'a sidecar beside the others, and the init container that needs most',
    pod({
      initContainers: [
        container('side', { cpu: '100m' }, { restartPolicy: 'Always' }),
        container('init', { cpu: '3', memory: '1Gi' }),
      ],
      containers: [container('a', { cpu: '1' })],
    }),
    { cpu: 3100, memory: 1073741824, pods: 1 },
  ],
  [
    'what the Pod says as a whole, and its overhead',
    pod({
      resources: { requests: { cpu: '2' } },
      overhead: { cpu: '250m', memory: '10' },
      containers: [container('a', { cpu: '1', memory: '5' })],
    }),
    { cpu: 2250, memory: 15, pods: 1 },
  ],
  [
    'what it was granted while a resize waits',
    pod(
      { containers: [container('a', { cpu: '8' }), container('b', { cpu: '8' })] },
      {
        conditions: [{ type: 'PodResizePending', status: 'True' }],
        containerStatuses: [{ name: 'a', allocatedResources: { cpu: '1' } }, { name: 'b' }],
      },
    ),
    { cpu: 1000, pods: 1 },
  ],
])('a Pod takes %s', (_, given, expected) => {
  expect(requestsOf(given)).toEqual(expected);
});

test('what is missing, in order; what is not asked for is never missing', () => {
  const requested = { memory: 10, 'example.com/gpu': 1, cpu: 500, pods: 1, 'ephemeral-storage': 0 };
  expect(shortages(requested, { cpu: 501, pods: 2 }, { cpu: 1000, memory: 9, pods: 3 })).toEqual([
    { resource: 'cpu', requested: 500, used: 501, capacity: 1000 },
    { resource: 'memory', requested: 10, used: 0, capacity: 9 },
    { resource: 'example.com/gpu', requested: 1, used: 0, capacity: 0 },
  ]);
  expect(shortages(requested, { cpu: 500, pods: 2 }, { cpu: 1000, memory: 10, pods: 3, 'example.com/gpu': 1 })).toEqual(
    [],
  );
});
