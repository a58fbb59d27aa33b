import { expect, test } from 'vitest';
import { fieldErrorMessage } from '../field-error.ts';
import type { Container, Pod } from '../types.ts';
import { validateResize } from './resize.ts';
import { changed } from './testing.ts';

type Change = (pod: Pod, main: Container, init: Container) => void;

const old = (): Pod =>
  changed((pod, main, init) => {
    main.resources = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1', memory: '64Mi' } };
    pod.spec.initContainers!.push({ ...structuredClone(init), name: 'sidecar', restartPolicy: 'Always' });
    pod.spec.initContainers![1]!.resources = { requests: { cpu: '100m' } };
  });

test.each<[string, Change, string[]]>([
  ['nothing', () => {}, []],
  [
    'cpu and memory, of init containers too',
    (pod, main) => {
      main.resources!.requests = { cpu: '200m', memory: '128Mi' };
      main.resources!.limits = { cpu: '2', memory: '128Mi' };
      pod.spec.initContainers![1]!.resources!.requests!.memory = '1Mi';
      pod.spec.initContainers![0]!.resources = { requests: { cpu: '1' } };
    },
    [],
  ],
  [
    'a limit goes',
    (_, main) => {
      main.resources!.limits = { cpu: '1' };
    },
    ['spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed'],
  ],
  [
    'the class of service changes',
    (pod, main, init) => {
      for (const c of [main, init, pod.spec.initContainers![1]!]) {
        c.resources = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } };
      }
    },
    ['spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing'],
  ],
  [
    'of the Pod as a whole',
    (pod) => {
      pod.spec.resources = { requests: { cpu: '2' } };
    },
    [
      'spec.resources: Forbidden: the resources of a Pod as a whole are not resized in place; change those of its containers',
    ],
  ],
  [
    'another resource',
    (_, main) => {
      main.resources!.limits!['ephemeral-storage'] = '1Gi';
    },
    ['spec: Forbidden: only cpu and memory resources are mutable'],
  ],
  [
    'another field',
    (_, main) => {
      main.image = 'busybox:v2';
    },
    ['spec: Forbidden: only cpu and memory resources are mutable'],
  ],
  [
    'a container is renamed',
    (_, main) => {
      main.name = 'other';
    },
    ['spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize'],
  ],
  [
    'a container goes',
    (pod) => {
      pod.spec.initContainers!.pop();
    },
    ['spec.initContainers: Forbidden: initContainers may not be added or removed on resize'],
  ],
  [
    'no quantity',
    (_, main) => {
      main.resources!.requests!.cpu = 'x';
    },
    [
      'spec.containers[0].resources.requests[cpu]: Invalid value: "x": must be a quantity: a number with an optional suffix, e.g. 500m, 2 or 128Mi',
    ],
  ],
])('%s', (_, change, expected) => {
  const before = old();
  const next = structuredClone(before);
  change(next, next.spec.containers[0]!, next.spec.initContainers![0]!);
  expect(validateResize(next, before).map(fieldErrorMessage)).toEqual(expected);
});
