import { expect, test } from 'vitest';
import { effectiveResources } from './resources.ts';
import type { Container } from './types.ts';

const container = (cpu: string, restartPolicy?: string): Container => ({
  name: 'c',
  restartPolicy,
  resources: { requests: { cpu } },
});

test.each<[string, Container[], Container[], string]>([
  ['mains add up', [container('1'), container('500m')], [], '1500m'],
  ['a greater init container counts', [container('1')], [container('3')], '3'],
  ['a smaller one does not', [container('1')], [container('500m')], '1'],
  ['a sidecar adds to mains', [container('1')], [container('2', 'Always')], '3'],
  ['and to init containers after it', [container('1')], [container('2', 'Always'), container('4')], '6'],
  ['not to those before it', [container('1')], [container('2500m'), container('1', 'Always')], '2500m'],
])('%s', (_, containers, initContainers, cpu) => {
  expect(effectiveResources({ containers, initContainers }, 'requests')).toEqual({ cpu });
});

test('limits of several resources, those of one container only too', () => {
  const containers: Container[] = [
    { name: 'a', resources: { limits: { cpu: '1', memory: '1Gi' } } },
    { name: 'b', resources: { limits: { memory: '1Gi', 'example.com/gpu': '1' } } },
    { name: 'c' },
  ];
  expect(effectiveResources({ containers }, 'limits')).toEqual({ cpu: '1', memory: '2Gi', 'example.com/gpu': '1' });
});
