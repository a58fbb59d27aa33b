import { expect, test } from 'vitest';
import { defaultEphemeralContainer } from '../defaults.ts';
import { fieldErrorMessage } from '../field-error.ts';
import type { EphemeralContainer } from '../types.ts';
import { validateEphemeralContainers } from './ephemeral-containers.ts';
import { basePod } from './testing.ts';

const AT = 'spec.ephemeralContainers[0]';
const debug = (fields: Partial<EphemeralContainer> = {}): EphemeralContainer =>
  defaultEphemeralContainer({ name: 'debug', image: 'busybox:v1', ...fields });
const NO = 'Forbidden: cannot be set for an Ephemeral Container';

test.each<[EphemeralContainer[], string[]]>([
  [[debug({ targetContainerName: 'main', stdin: true, volumeMounts: [{ name: 'data', mountPath: '/d' }] })], []],
  [[debug({ name: 'main' })], [`${AT}.name: Duplicate value: "main"`]],
  [[debug(), debug()], ['spec.ephemeralContainers[1].name: Duplicate value: "debug"']],
  [[debug({ targetContainerName: 'none' })], [`${AT}.targetContainerName: Not found: "none"`]],
  [[debug({ image: '' })], [`${AT}.image: Required value`]],
  [
    [
      debug({
        ports: [{ containerPort: 1 }],
        lifecycle: {},
        livenessProbe: {},
        resources: { limits: { cpu: '1' } },
        restartPolicy: 'Always',
        volumeMounts: [{ name: 'data', mountPath: '/d', subPath: 'a' }],
      }),
    ],
    [
      `${AT}.lifecycle: ${NO}`,
      `${AT}.livenessProbe: ${NO}`,
      `${AT}.ports: ${NO}`,
      `${AT}.restartPolicy: ${NO}`,
      `${AT}.resources: ${NO}`,
      `${AT}.volumeMounts[0].subPath: ${NO}`,
    ],
  ],
])('%j', (ephemeralContainers, expected) => {
  expect(validateEphemeralContainers({ ...basePod().spec, ephemeralContainers }).map(fieldErrorMessage)).toEqual(
    expected,
  );
});
