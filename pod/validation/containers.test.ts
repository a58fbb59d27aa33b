import { expect, test } from 'vitest';
import type { Container, Pod } from '../types.ts';
import { errorsOf, mainErrors } from './testing.ts';

const C = 'spec.containers[0]';
const I = 'spec.initContainers[0]';
const LABEL =
  "must be a DNS label: lower-case letters, digits or '-', with a letter or digit at both ends (e.g. 'my-name' or '123-abc')";
const PORT = 'must be a port number from 1 to 65535';

test('the base is fine', () => expect(mainErrors({})).toEqual([]));

test.each<[object, string[]]>([
  [{ name: '' }, [`${C}.name: Required value`]],
  [{ name: 'A' }, [`${C}.name: Invalid value: "A": ${LABEL}`]],
  [{ image: '' }, [`${C}.image: Required value`]],
  [{ image: ' a' }, [`${C}.image: Invalid value: " a": must not have leading or trailing whitespace`]],
  [
    { imagePullPolicy: 'Sometimes' },
    [`${C}.imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"`],
  ],
  [
    { terminationMessagePolicy: 'Log' },
    [`${C}.terminationMessagePolicy: Unsupported value: "Log": supported values: "FallbackToLogsOnError", "File"`],
  ],
  [{ imagePullPolicy: undefined }, [`${C}.imagePullPolicy: Required value`]],
  [{ ports: [{ name: 'http', containerPort: 80, protocol: 'TCP', hostPort: 8080 }] }, []],
  [
    {
      ports: [
        { name: 'HTTP', containerPort: 0, protocol: 'TCP' },
        { name: 'b', containerPort: 70000, hostPort: -1, protocol: 'ICMP' },
        { name: 'b', containerPort: 1, protocol: '' },
      ],
    },
    [
      `${C}.ports[0].name: Invalid value: "HTTP": must be lower-case letters, digits or '-'`,
      `${C}.ports[0].name: Invalid value: "HTTP": must contain at least one letter`,
      `${C}.ports[0].containerPort: Required value`,
      `${C}.ports[1].containerPort: Invalid value: 70000: ${PORT}`,
      `${C}.ports[1].hostPort: Invalid value: -1: ${PORT}`,
      `${C}.ports[1].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"`,
      `${C}.ports[2].protocol: Required value`,
      `${C}.ports[2].name: Duplicate value: "b"`,
    ],
  ],
  [
    {
      ports: [
        { containerPort: 1, hostPort: 9, protocol: 'TCP' },
        { containerPort: 2, hostPort: 9, protocol: 'TCP' },
        { containerPort: 3, hostPort: 9, protocol: 'UDP' },
        { containerPort: 4, hostPort: 9, protocol: 'TCP', hostIP: '10.0.0.1' },
      ],
    },
    [`${C}.ports[1].hostPort: Duplicate value: "TCP//9"`],
  ],
  [
    { restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [3] } }] },
    [],
  ],
  [
    { restartPolicyRules: [{ action: 'Stop', exitCodes: { operator: 'Is', values: [] } }, { action: 'Restart' }] },
    [
      `${C}.restartPolicy: Required value: must specify restartPolicy when restart rules are used`,
      `${C}.restartPolicyRules[0].action: Unsupported value: "Stop": supported values: "Restart", "RestartAllContainers"`,
      `${C}.restartPolicyRules[0].exitCodes.operator: Unsupported value: "Is": supported values: "In", "NotIn"`,
      `${C}.restartPolicyRules[1].exitCodes: Required value: must be specified`,
    ],
  ],
  [
    {
      restartPolicy: 'Never',
      restartPolicyRules: Array.from({ length: 21 }, () => ({
        action: 'Restart',
        exitCodes: { operator: 'In', values: [1] },
      })),
    },
    [`${C}.restartPolicyRules: Too many: 21: must have at most 20 items`],
  ],
  [
    { restartPolicy: 'Often' },
    [`${C}.restartPolicy: Unsupported value: "Often": supported values: "Always", "Never", "OnFailure"`],
  ],
  [
    {
      resizePolicy: [
        { resourceName: 'disk', restartPolicy: '' },
        { resourceName: 'disk', restartPolicy: 'NotRequired' },
      ],
    },
    [
      `${C}.resizePolicy[0].resourceName: Unsupported value: "disk": supported values: "cpu", "memory"`,
      `${C}.resizePolicy[0].restartPolicy: Required value`,
      `${C}.resizePolicy[1].resourceName: Unsupported value: "disk": supported values: "cpu", "memory"`,
      `${C}.resizePolicy[1]: Duplicate value: "disk"`,
    ],
  ],
])('main %j', (fields, expected) => expect(mainErrors(fields)).toEqual(expected));

test.each<[string, (pod: Pod, main: Container, init: Container) => void, string[]]>([
  [
    'no containers',
    (pod) => {
      pod.spec.containers = [];
    },
    ['spec.containers: Required value'],
  ],
  [
    'names repeat among mains',
    (pod, main) => {
      pod.spec.containers.push(structuredClone(main));
    },
    ['spec.containers[1].name: Duplicate value: "main"'],
  ],
  [
    'an init container has a main name',
    (_, __, init) => {
      init.name = 'main';
    },
    [`${I}.name: Duplicate value: "main"`],
  ],
  [
    'names repeat among init containers',
    (pod, _, init) => {
      pod.spec.initContainers!.push(structuredClone(init));
    },
    ['spec.initContainers[1].name: Duplicate value: "init"'],
  ],
  [
    'init containers have no probes and hooks',
    (_, __, init) => {
      init.lifecycle = {};
      init.livenessProbe = {};
      init.readinessProbe = {};
      init.startupProbe = {};
      init.resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }];
    },
    [
      ...['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'].map(
        (name) => `${I}.${name}: Forbidden: may not be set for init containers without restartPolicy=Always`,
      ),
      `${I}.resizePolicy[0].restartPolicy: Invalid value: "RestartContainer": must not be 'RestartContainer' for init containers without restartPolicy=Always`,
    ],
  ],
  [
    'sidecars may',
    (_, __, init) => {
      init.restartPolicy = 'Always';
      init.lifecycle = { preStop: { exec: { command: ['true'] } } };
      init.readinessProbe = { exec: { command: ['true'] }, successThreshold: 1 };
      init.resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }];
    },
    [],
  ],
  [
    'init containers one after the other may use the same host port',
    (pod, main, init) => {
      const ports = [{ containerPort: 1, hostPort: 9, protocol: 'TCP' }];
      Object.assign(main, { ports });
      Object.assign(init, { ports });
      pod.spec.initContainers!.push({ ...structuredClone(init), name: 'second' });
    },
    [],
  ],
  [
    'mains may not',
    (pod, main) => {
      main.ports = [{ containerPort: 1, hostPort: 9, protocol: 'TCP' }];
      pod.spec.containers.push({ ...structuredClone(main), name: 'second' });
    },
    ['spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//9"'],
  ],
  [
    'a resize that restarts in a Pod that never does',
    (pod, main) => {
      pod.spec.restartPolicy = 'Never';
      main.resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }];
    },
    [
      `${C}.resizePolicy[0].restartPolicy: Invalid value: "RestartContainer": must be 'NotRequired' when pod \`restartPolicy\` is 'Never'`,
    ],
  ],
  [
    'variables from a file that is not in an emptyDir',
    (pod, main) => {
      pod.spec.volumes!.push({ name: 'host', hostPath: { path: '/x' } });
      main.env = [{ name: 'A', valueFrom: { fileKeyRef: { key: 'K', path: 'f', volumeName: 'host' } } }];
    },
    [`${C}.env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "host": must be a volume of type emptyDir`],
  ],
])('%s', (_, change, expected) => expect(errorsOf(change)).toEqual(expected));
