import { expect, test } from 'vitest';
import { mainErrors } from './testing.ts';

const AT = 'spec.containers[0].env[0]';
const from = (valueFrom: object, value?: string) => [{ name: 'A', value, valueFrom }];
const field = (fieldPath: string, apiVersion = 'v1') => from({ fieldRef: { apiVersion, fieldPath } });
const resource = (name: string, divisor?: string) => from({ resourceFieldRef: { resource: name, divisor } });
const NAME =
  "must be a DNS subdomain: lower-case letters, digits, '-' or '.', each part with a letter or digit at both ends (e.g. 'example.com')";

test.each<[object[], string[]]>([
  [
    [
      { name: 'A', value: 'x' },
      { name: 'a.b-c', value: '' },
    ],
    [],
  ],
  [[{ name: '' }], [`${AT}.name: Required value`]],
  [
    [{ name: 'A=B' }],
    [
      `${AT}.name: Invalid value: "A=B": an environment variable's name must be printable ASCII characters other than '='`,
    ],
  ],
  [field('metadata.name'), []],
  [field("metadata.labels['app']"), []],
  [field("metadata.annotations['A.com/b']"), []],
  [
    field("metadata.labels['/']"),
    [
      `${AT}.valueFrom.fieldRef.fieldPath: Invalid value: "/": the prefix before '/' must not be empty`,
      `${AT}.valueFrom.fieldRef.fieldPath: Invalid value: "/": the name must not be empty`,
    ],
  ],
  [
    field("metadata.name['a']"),
    [
      `${AT}.valueFrom.fieldRef.fieldPath: Invalid value: "metadata.name['a']": only metadata.labels and metadata.annotations take a key in brackets`,
    ],
  ],
  [
    field('metadata.labels'),
    [
      `${AT}.valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"`,
    ],
  ],
  [
    field('metadata.name', 'v2'),
    [`${AT}.valueFrom.fieldRef.apiVersion: Unsupported value: "v2": supported values: "v1"`],
  ],
  [field(''), [`${AT}.valueFrom.fieldRef.fieldPath: Required value`]],
  [resource('limits.cpu', '1m'), []],
  [resource('requests.memory', '1Mi'), []],
  [resource('requests.memory', '1024Ki'), []],
  [resource('limits.hugepages-2Mi', '0'), []],
  [
    resource('limits.cpu', '1Ki'),
    [`${AT}.valueFrom.resourceFieldRef.divisor: Invalid value: "1Ki": must be one of 1, 1m for limits.cpu`],
  ],
  [
    resource('limits.memory', 'x'),
    [
      `${AT}.valueFrom.resourceFieldRef.divisor: Invalid value: "x": must be one of 1, 1k, 1Ki, 1M, 1Mi, 1G, 1Gi, 1T, 1Ti, 1P, 1Pi, 1E, 1Ei for limits.memory`,
    ],
  ],
  [
    resource('cpu'),
    [
      `${AT}.valueFrom.resourceFieldRef.resource: Unsupported value: "cpu": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"`,
    ],
  ],
  [from({ configMapKeyRef: { name: 'c', key: 'k' } }), []],
  [
    from({ secretKeyRef: { name: 'C', key: '' } }),
    [
      `${AT}.valueFrom.secretKeyRef.name: Invalid value: "C": ${NAME}`,
      `${AT}.valueFrom.secretKeyRef.key: Required value`,
    ],
  ],
  [from({ fileKeyRef: { key: 'K', path: 'f', volumeName: 'data' } }), []],
  [
    from({ fileKeyRef: { key: 'K', path: '../f', volumeName: 'none' } }),
    [
      `${AT}.valueFrom.fileKeyRef.path: Invalid value: "../f": must not contain '..'`,
      `${AT}.valueFrom.fileKeyRef.volumeName: Not found: "none"`,
    ],
  ],
  [
    from({}),
    [
      `${AT}.valueFrom: Invalid value: "": must specify one of: \`fieldRef\`, \`resourceFieldRef\`, \`configMapKeyRef\`, \`secretKeyRef\` or \`fileKeyRef\``,
    ],
  ],
  [
    from({ configMapKeyRef: { name: 'c', key: 'k' } }, 'x'),
    [`${AT}.valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`],
  ],
  [
    from({ configMapKeyRef: { name: 'c', key: 'k' }, secretKeyRef: { name: 'c', key: 'k' } }),
    [`${AT}.valueFrom: Invalid value: "": may not have more than one field specified at a time`],
  ],
])('env %j', (env, expected) => expect(mainErrors({ env })).toEqual(expected));

const FROM = 'spec.containers[0].envFrom[0]';

test.each<[object, string[]]>([
  [{ prefix: 'P_', configMapRef: { name: 'c' } }, []],
  [{ secretRef: { name: '' } }, [`${FROM}.secretRef.name: Required value`]],
  [{ configMapRef: { name: 'C' } }, [`${FROM}.configMapRef.name: Invalid value: "C": ${NAME}`]],
  [{}, [`${FROM}: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``]],
  [
    { configMapRef: { name: 'c' }, secretRef: { name: 's' } },
    [`${FROM}: Invalid value: "": may not have more than one field specified at a time`],
  ],
])('envFrom %j', (source, expected) => expect(mainErrors({ envFrom: [source] })).toEqual(expected));
