import { expect, test } from 'vitest';
import { fieldErrorMessage } from '../field-error.ts';
import type { ContainerStatus, Pod, PodStatus } from '../types.ts';
import { validatePodStatusUpdate } from './status.ts';
import { basePod } from './testing.ts';

const container = (name: string, exitCode?: number): ContainerStatus =>
  ({ name, state: exitCode === undefined ? { running: {} } : { terminated: { exitCode } } }) as ContainerStatus;
const STATE = 'Forbidden: may not be transitioned to non-terminated state';

interface Row {
  old?: PodStatus;
  next: PodStatus;
  change?: (pod: Pod) => void;
}

test.each<[string, Row, string[]]>([
  [
    'fine',
    {
      next: {
        phase: 'Running',
        conditions: [
          { type: 'Ready', status: 'True' },
          { type: 'example.com/gate', status: 'True' },
        ],
        podIPs: [{ ip: '10.0.0.1' }, { ip: '::1' }],
        hostIP: '10.0.0.2',
        hostIPs: [{ ip: '10.0.0.2' }],
        containerStatuses: [container('main')],
      },
      old: { containerStatuses: [container('main', 1)] },
    },
    [],
  ],
  [
    'conditions',
    { next: { conditions: [{ type: '/', status: 'True', observedGeneration: -1 }] } },
    [
      'status.conditions[0].observedGeneration: Invalid value: -1: must be greater than or equal to 0',
      'status.conditions[0].type: Invalid value: "/": the prefix before \'/\' must not be empty',
      'status.conditions[0].type: Invalid value: "/": the name must not be empty',
    ],
  ],
  [
    'addresses',
    { next: { podIPs: [{ ip: 'x' }, { ip: '1.1.1.1' }], hostIP: '2.2.2.2', hostIPs: [{ ip: '1.1.1.1' }] } },
    [
      'status.podIPs[0]: Invalid value: "x": must be a valid IP address, e.g. 10.9.8.7 or 2001:db8::ffff',
      'status.podIPs: Invalid value: [{"ip":"x"},{"ip":"1.1.1.1"}]: may specify no more than one IP for each IP family',
      'status.hostIPs[0].ip: Invalid value: "1.1.1.1": must be equal to `hostIP`',
    ],
  ],
  [
    'the class of service',
    { old: { qosClass: 'Burstable' }, next: { qosClass: 'Guaranteed' } },
    ['status.qosClass: Invalid value: "Guaranteed": field is immutable'],
  ],
  [
    'a nomination of a bound Pod',
    {
      next: { nominatedNodeName: 'n2' },
      change: (pod) => {
        pod.spec.nodeName = 'n1';
      },
    },
    ['status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node'],
  ],
  [
    'an end that stands by the policy of the Pod',
    {
      old: { containerStatuses: [container('main', 0)], initContainerStatuses: [container('init', 0)] },
      next: { containerStatuses: [container('main')], initContainerStatuses: [container('init')] },
      change: (pod) => {
        pod.spec.restartPolicy = 'OnFailure';
      },
    },
    [`status.containerStatuses[0].state: ${STATE}`, `status.initContainerStatuses[0].state: ${STATE}`],
  ],
  [
    'a failure that may be tried again',
    {
      old: { containerStatuses: [container('main', 1)] },
      next: { containerStatuses: [container('main')] },
      change: (pod) => {
        pod.spec.restartPolicy = 'OnFailure';
      },
    },
    [],
  ],
  [
    'the policy of the container',
    {
      old: { containerStatuses: [container('main', 1)] },
      next: { containerStatuses: [container('main')] },
      change: (pod) => {
        pod.spec.containers[0]!.restartPolicy = 'Never';
      },
    },
    [`status.containerStatuses[0].state: ${STATE}`],
  ],
  [
    'a rule of the container',
    {
      old: { containerStatuses: [container('main', 42)] },
      next: { containerStatuses: [container('main')] },
      change: (pod) => {
        pod.spec.containers[0]!.restartPolicy = 'Never';
        pod.spec.containers[0]!.restartPolicyRules = [
          { action: 'Restart', exitCodes: { operator: 'In', values: [42] } },
        ];
      },
    },
    [],
  ],
  [
    'an ephemeral container never starts again',
    {
      old: { ephemeralContainerStatuses: [container('debug', 0)] },
      next: { ephemeralContainerStatuses: [container('debug')] },
    },
    [`status.ephemeralContainerStatuses[0].state: ${STATE}`],
  ],
])('%s', (_, { change = () => {}, next, old = {} }, expected) => {
  const before: Pod = { ...basePod(), status: old };
  change(before);
  expect(validatePodStatusUpdate({ ...before, status: next }, before).map(fieldErrorMessage)).toEqual(expected);
});
