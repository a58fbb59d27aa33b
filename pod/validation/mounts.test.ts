import { expect, test } from 'vitest';
import { errorsOf, mainErrors } from './testing.ts';

const AT = 'spec.containers[0].volumeMounts';
const mount = (fields: object) => ({ name: 'data', mountPath: '/data', ...fields });

test.each<[object[], string[]]>([
  [[mount({}), mount({ mountPath: '/b', subPath: 'x', readOnly: true, recursiveReadOnly: 'Enabled' })], []],
  [[mount({ name: '' })], [`${AT}[0].name: Required value`, `${AT}[0].name: Not found: ""`]],
  [[mount({ name: 'none' })], [`${AT}[0].name: Not found: "none"`]],
  [[mount({ mountPath: '' })], [`${AT}[0].mountPath: Required value`]],
  [[mount({}), mount({})], [`${AT}[1].mountPath: Invalid value: "/data": must be unique`]],
  [
    [mount({ subPath: '/a', subPathExpr: '../$(A)' })],
    [
      `${AT}[0].subPath: Invalid value: "/a": must be a relative path`,
      `${AT}[0].subPathExpr: Invalid value: "../$(A)": subPathExpr and subPath are mutually exclusive`,
      `${AT}[0].subPathExpr: Invalid value: "../$(A)": must not contain '..'`,
    ],
  ],
  [
    [mount({ mountPropagation: 'Bidirectional' })],
    [
      `${AT}[0].mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers`,
    ],
  ],
  [
    [mount({ mountPropagation: 'Both' })],
    [
      `${AT}[0].mountPropagation: Unsupported value: "Both": supported values: "Bidirectional", "HostToContainer", "None"`,
    ],
  ],
  [
    [mount({ recursiveReadOnly: 'IfPossible', mountPropagation: 'HostToContainer' })],
    [
      `${AT}[0].recursiveReadOnly: Forbidden: may only be specified when readOnly is true`,
      `${AT}[0].recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not specified`,
    ],
  ],
  [
    [mount({ recursiveReadOnly: 'Yes' })],
    [`${AT}[0].recursiveReadOnly: Unsupported value: "Yes": supported values: "Disabled", "Enabled", "IfPossible"`],
  ],
])('%j', (volumeMounts, expected) => expect(mainErrors({ volumeMounts })).toEqual(expected));

test('a privileged container may propagate its mounts', () => {
  const volumeMounts = [mount({ mountPropagation: 'Bidirectional' })];
  expect(mainErrors({ volumeMounts, securityContext: { privileged: true } })).toEqual([]);
});

test.each<[object[], object[], string[]]>([
  [[{ name: 'pvc', devicePath: '/dev/x' }], [], []],
  [
    [{ name: 'data', devicePath: '' }],
    [],
    [
      'spec.containers[0].volumeDevices[0].name: Invalid value: "data": a block device must be a persistentVolumeClaim or ephemeral volume',
      'spec.containers[0].volumeDevices[0].devicePath: Required value',
    ],
  ],
  [
    [
      { name: 'pvc', devicePath: '/dev/x' },
      { name: 'pvc', devicePath: '/dev/x' },
    ],
    [],
    [
      'spec.containers[0].volumeDevices[1].name: Invalid value: "pvc": must be unique',
      'spec.containers[0].volumeDevices[1].devicePath: Invalid value: "/dev/x": must be unique',
    ],
  ],
  [
    [{ name: 'pvc', devicePath: '/x' }],
    [{ name: 'pvc', mountPath: '/x' }],
    [
      `${AT}[0].name: Invalid value: "pvc": must not already exist in volumeDevices`,
      `${AT}[0].mountPath: Invalid value: "/x": must not already exist as a path in volumeDevices`,
      'spec.containers[0].volumeDevices[0].name: Invalid value: "pvc": must not already exist in volumeMounts',
      'spec.containers[0].volumeDevices[0].devicePath: Invalid value: "/x": must not already exist as a path in volumeMounts',
    ],
  ],
  [
    [{ name: 'none', devicePath: '/x/..' }],
    [],
    [
      'spec.containers[0].volumeDevices[0].name: Not found: "none"',
      'spec.containers[0].volumeDevices[0].devicePath: Invalid value: "/x/..": must not contain \'..\'',
    ],
  ],
])('devices %j', (volumeDevices, volumeMounts, expected) => {
  const errors = errorsOf((pod, main) => {
    pod.spec.volumes!.push({ name: 'pvc', persistentVolumeClaim: { claimName: 'c' } });
    Object.assign(main, { volumeDevices, volumeMounts });
  });
  expect(errors).toEqual(expected);
});
