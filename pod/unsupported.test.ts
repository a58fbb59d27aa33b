import { expect, test } from 'vitest';
import { fieldErrorMessage } from './field-error.ts';
import type { PodSpec } from './types.ts';
import { unsupported } from './unsupported.ts';

const messages = (spec: object): string[] =>
  unsupported({ containers: [{ name: 'c' }], ...spec } as PodSpec).map(fieldErrorMessage);

test('a Pod of all supported volumes', () => {
  const kinds = ['configMap', 'downwardAPI', 'emptyDir', 'hostPath', 'projected', 'secret'];
  expect(messages({ volumes: kinds.map((kind) => ({ name: kind.toLowerCase(), [kind]: {} })) })).toEqual([]);
});

const volumes =
  'the node can mount configMap, downwardAPI, emptyDir, hostPath, projected, secret volumes; use one of them';

test.each<[object, string[]]>([
  [{ hostUsers: true, os: { name: 'linux' }, resourceClaims: [] }, []],
  [
    { hostUsers: false },
    ['spec.hostUsers: Unsupported value: false: the node has no user namespaces; remove it or set it to true'],
  ],
  [{ os: { name: 'windows' } }, []],
  [
    {
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'b', nfs: {} },
        { name: 'c', persistentVolumeClaim: {} },
      ],
    },
    [
      `spec.volumes[1].nfs: Unsupported value: "nfs": ${volumes}`,
      `spec.volumes[2].persistentVolumeClaim: Unsupported value: "persistentVolumeClaim": ${volumes}`,
    ],
  ],
  [
    { initContainers: [{ name: 'i', securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }] },
    [
      'spec.initContainers[0].securityContext.appArmorProfile: Unsupported value: {"type":"RuntimeDefault"}: the node does not load AppArmor profiles; remove it or use type Unconfined',
    ],
  ],
  [{ securityContext: { appArmorProfile: { type: 'Unconfined' } } }, []],
  [
    { containers: [{ name: 'c', resources: { limits: { 'hugepages-2Mi': '4Mi', cpu: '1' } } }] },
    [
      'spec.containers[0].resources.limits[hugepages-2Mi]: Unsupported value: "4Mi": the node has no huge pages; remove it',
    ],
  ],
  [
    {
      containers: [
        {
          name: 'c',
          env: [
            { name: 'A', value: 'x' },
            { name: 'B', valueFrom: { fileKeyRef: {} } },
          ],
        },
      ],
    },
    [
      'spec.containers[0].env[1].valueFrom.fileKeyRef: Unsupported value: {}: variables are not read from files; use configMapKeyRef, secretKeyRef or a start script',
    ],
  ],
])('%j', (spec, expected) => expect(messages(spec)).toEqual(expected));
