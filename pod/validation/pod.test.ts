import { expect, test } from 'vitest';
import { errorsOf, specErrors } from './testing.ts';

const NAME =
  "must be a DNS subdomain: lower-case letters, digits, '-' or '.', each part with a letter or digit at both ends (e.g. 'example.com')";

test.each<[object, string[]]>([
  [
    {
      nodeName: 'n1',
      runtimeClassName: 'runc',
      priorityClassName: 'system-node-critical',
      activeDeadlineSeconds: 1,
      overhead: { cpu: '1' },
      os: { name: 'linux' },
      nodeSelector: { a: 'b' },
    },
    [],
  ],
  [{ terminationGracePeriodSeconds: undefined }, ['spec.terminationGracePeriodSeconds: Required value']],
  [
    { restartPolicy: 'Sometimes' },
    ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"'],
  ],
  [{ restartPolicy: '' }, ['spec.restartPolicy: Required value']],
  [
    { serviceAccountName: 'A', nodeName: 'B', priorityClassName: 'C', runtimeClassName: 'D' },
    [
      `spec.serviceAccountName: Invalid value: "A": ${NAME}`,
      `spec.nodeName: Invalid value: "B": ${NAME}`,
      `spec.priorityClassName: Invalid value: "C": ${NAME}`,
      `spec.runtimeClassName: Invalid value: "D": ${NAME}`,
    ],
  ],
  [
    { activeDeadlineSeconds: 0 },
    ['spec.activeDeadlineSeconds: Invalid value: 0: must be a whole number from 1 to 2147483647'],
  ],
  [
    { preemptionPolicy: 'Maybe' },
    ['spec.preemptionPolicy: Unsupported value: "Maybe": supported values: "Never", "PreemptLowerPriority"'],
  ],
  [{ overhead: { cpu: '-1' } }, ['spec.overhead[cpu]: Invalid value: "-1": must be greater than or equal to 0']],
  [{ os: { name: 'plan9' } }, ['spec.os.name: Unsupported value: "plan9": supported values: "linux", "windows"']],
  [
    { nodeSelector: { '/': '' } },
    [
      'spec.nodeSelector: Invalid value: "/": the prefix before \'/\' must not be empty',
      'spec.nodeSelector: Invalid value: "/": the name must not be empty',
    ],
  ],
])('%j', (spec, expected) => expect(specErrors(spec)).toEqual(expected));

test('all that is wrong is told at once, in the order of the manifest', () => {
  const errors = errorsOf((pod, main, init) => {
    pod.metadata.name = 'A';
    main.image = '';
    init.name = '';
    pod.spec.dnsPolicy = 'x';
  });
  expect(errors.map((e) => e.slice(0, e.indexOf(':')))).toEqual([
    'metadata.name',
    'spec.containers[0].image',
    'spec.initContainers[0].name',
    'spec.dnsPolicy',
  ]);
});

test('ephemeral containers come later', () => {
  const errors = errorsOf((pod, main) => {
    pod.spec.ephemeralContainers = [{ ...structuredClone(main), name: 'debug' }];
  });
  expect(errors).toEqual(['spec.ephemeralContainers: Forbidden: cannot be set on create; add them to the running Pod']);
});
