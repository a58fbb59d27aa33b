import { expect, test } from 'vitest';
import { type QosClass, qosClass } from './qos.ts';
import type { Container, PodSpec } from './types.ts';

type Resources = Container['resources'];
const both = { cpu: '1', memory: '1Gi' };
const spec = (mains: Resources[], inits: Resources[] = [], pod?: Resources): PodSpec => ({
  containers: mains.map((resources, i) => ({ name: `c${i}`, resources })),
  initContainers: inits.map((resources, i) => ({ name: `i${i}`, resources })),
  resources: pod,
});

test.each<[string, PodSpec, QosClass]>([
  ['nothing', spec([{}]), 'BestEffort'],
  ['zero', spec([{ requests: { cpu: '0' }, limits: { memory: '0' } }]), 'BestEffort'],
  ['other resources', spec([{ limits: { 'ephemeral-storage': '1Gi' } }]), 'BestEffort'],
  ['equal', spec([{ requests: both, limits: { cpu: '1000m', memory: '1024Mi' } }]), 'Guaranteed'],
  ['request below limit', spec([{ requests: { ...both, cpu: '500m' }, limits: both }]), 'Burstable'],
  ['one resource', spec([{ requests: { cpu: '1' }, limits: { cpu: '1' } }]), 'Burstable'],
  ['requests only', spec([{ requests: both }]), 'Burstable'],
  ['one of two containers', spec([{ requests: both, limits: both }, {}]), 'Burstable'],
  ['an init container without', spec([{ requests: both, limits: both }], [{}]), 'Burstable'],
  [
    'an init container with',
    spec([{ requests: both, limits: both }], [{ requests: both, limits: both }]),
    'Guaranteed',
  ],
  ['pod level alone counts', spec([{}], [], { requests: both, limits: both }), 'Guaranteed'],
  ['pod level burstable', spec([{ requests: both, limits: both }], [], { requests: both }), 'Burstable'],
])('%s', (_, pod, expected) => expect(qosClass(pod)).toBe(expected));
