import { expect, test } from 'vitest';
import type { Container, Pod } from '../../pod/types.ts';
import type { ContainerResources } from '../../runtime/port.ts';
import { containerResources } from './resources.ts';
import { testContext, testPod } from './test-pod.ts';

const ctx = testContext();
const GiB = 2 ** 30;
const base: ContainerResources = { cpuShares: 2, cpuPeriodUs: 100_000, oomScoreAdj: 1000 };

type Resources = Container['resources'];
const ofMain = (resources: Resources, spec: Partial<Pod['spec']> = {}): ContainerResources => {
  const main = { name: 'main', ...(resources && { resources }) };
  return containerResources(testPod({ containers: [main], ...spec }), main, ctx);
};

test.each<[string, Resources, Partial<Pod['spec']>, ContainerResources]>([
  ['nothing', undefined, {}, base],
  ['a request', { requests: { cpu: '500m' } }, {}, { ...base, cpuShares: 512, oomScoreAdj: 999 }],
  [
    'a limit alone',
    { limits: { cpu: '1500m' } },
    {},
    { ...base, cpuShares: 1536, cpuQuotaUs: 150_000, oomScoreAdj: 999 },
  ],
  ['little', { requests: { cpu: '1m' }, limits: { cpu: '1m' } }, {}, { ...base, cpuQuotaUs: 1000, oomScoreAdj: 999 }],
  ['much', { requests: { cpu: '1000' } }, {}, { ...base, cpuShares: 262_144, oomScoreAdj: 999 }],
  [
    'burstable memory',
    { requests: { memory: '1Gi' }, limits: { memory: '2Gi' } },
    {},
    { ...base, memoryLimitBytes: 2 * GiB, oomScoreAdj: 750 },
  ],
  ['all of the memory', { requests: { memory: '4Gi' } }, {}, { ...base, oomScoreAdj: 3 }],
  [
    'guaranteed',
    { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } },
    {},
    {
      cpuShares: 1024,
      cpuPeriodUs: 100_000,
      cpuQuotaUs: 100_000,
      memoryLimitBytes: GiB,
      oomScoreAdj: -997,
    },
  ],
  ['node-critical', undefined, { priorityClassName: 'system-node-critical' }, { ...base, oomScoreAdj: -997 }],
  [
    'limits of the Pod',
    undefined,
    { resources: { requests: { memory: '2Gi' }, limits: { cpu: '1', memory: '3Gi' } } },
    {
      cpuShares: 1024,
      cpuPeriodUs: 100_000,
      cpuQuotaUs: 100_000,
      memoryLimitBytes: 3 * GiB,
      oomScoreAdj: 500,
    },
  ],
])('%s', (_, resources, spec, expected) => {
  expect(ofMain(resources, spec)).toEqual(expected);
});

test('a sidecar is not killed before the containers it serves', () => {
  const side: Container = { name: 'side', restartPolicy: 'Always' };
  const pod = testPod({
    initContainers: [side],
    containers: [{ name: 'main', resources: { requests: { memory: '2Gi' } } }],
  });
  expect(containerResources(pod, side, ctx).oomScoreAdj).toBe(500);
});

test('no score is lowered where the machine does not allow it', () => {
  const pod = testPod({ priorityClassName: 'system-node-critical' });
  expect(containerResources(pod, { name: 'main' }, { ...ctx, restrictOom: true }).oomScoreAdj).toBe(0);
});

test('a resource the node does not have is named', () => {
  expect(() => ofMain({ limits: { 'example.com/gpu': '1' } })).toThrow('asks for resource "example.com/gpu"');
});
