import { expect, test } from 'vitest';
import { fieldErrorMessage } from '../field-error.ts';
import { validateAnnotationsUpdate } from './annotations.ts';
import { changed, errorsOf } from './testing.ts';

const A = 'metadata.annotations';
const COST = 'controller.kubernetes.io/pod-deletion-cost';
const SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod';
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io';
const PROFILE = 'must be runtime/default, unconfined or localhost/<profile>';

test.each<[Record<string, string>, string[]]>([
  [{ [COST]: '-10', [SECCOMP]: 'localhost/a', [`${APPARMOR}/main`]: 'runtime/default' }, []],
  [{ [COST]: '01' }, [`${A}[${COST}]: Invalid value: "01": must be a 32bit integer`]],
  [{ [COST]: '2147483648' }, [`${A}[${COST}]: Invalid value: "2147483648": must be a 32bit integer`]],
  [
    { 'kubernetes.io/config.mirror': 'x' },
    [`${A}[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set`],
  ],
  [{ [SECCOMP]: 'none' }, [`${A}[${SECCOMP}]: Invalid value: "none": ${PROFILE}`]],
  [{ [SECCOMP]: 'localhost/../a' }, [`${A}[${SECCOMP}]: Invalid value: "../a": must not contain '..'`]],
  [
    { [`${APPARMOR}/none`]: 'x' },
    [
      `${A}[${APPARMOR}/none]: Invalid value: "none": container not found`,
      `${A}[${APPARMOR}/none]: Invalid value: "x": ${PROFILE}`,
    ],
  ],
])('%j', (annotations, expected) => {
  expect(errorsOf((pod) => Object.assign(pod.metadata, { annotations }))).toEqual(expected);
});

const PERIOD = 'probe.durapod.io';
const MILLISECONDS = 'must be whole milliseconds from 100ms to 60000ms, e.g. 200ms';

test.each<[string, string, string[]]>([
  [`${PERIOD}/main.readiness-period`, '200ms', []],
  [
    `${PERIOD}/main.readiness-period`,
    '0.2s',
    [`${A}[${PERIOD}/main.readiness-period]: Invalid value: "0.2s": ${MILLISECONDS}`],
  ],
  [
    `${PERIOD}/main.liveness-period`,
    '200ms',
    [`${A}[${PERIOD}/main.liveness-period]: Invalid value: "main": the container has no livenessProbe`],
  ],
  [
    `${PERIOD}/none.startup-period`,
    '20ms',
    [
      `${A}[${PERIOD}/none.startup-period]: Invalid value: "none": container not found`,
      `${A}[${PERIOD}/none.startup-period]: Invalid value: "20ms": ${MILLISECONDS}`,
    ],
  ],
  [
    `${PERIOD}/main.stop`,
    '200ms',
    [
      `${A}: Invalid value: "${PERIOD}/main.stop": must be ${PERIOD}/<container>.<kind>-period, the kind startup, liveness or readiness`,
    ],
  ],
  ['durapod.io/init-image-change', 'Ignore', []],
  [
    'durapod.io/init-image-change',
    'ignore',
    [`${A}[durapod.io/init-image-change]: Unsupported value: "ignore": supported values: "Ignore", "RestartPod"`],
  ],
])('%s: %s', (name, value, expected) => {
  const errors = errorsOf((pod, main) => {
    pod.metadata.annotations = { [name]: value };
    main.readinessProbe = { exec: { command: ['true'] } };
  });
  expect(errors).toEqual(expected);
});

test.each<[string, object, string[]]>([
  ['runtime/default', { type: 'RuntimeDefault' }, []],
  ['docker/default', { type: 'RuntimeDefault' }, []],
  ['localhost/a', { type: 'Localhost', localhostProfile: 'a' }, []],
  ['unconfined', { type: 'RuntimeDefault' }, ['type']],
  ['localhost/b', { type: 'Localhost', localhostProfile: 'a' }, ['localhostProfile']],
  ['unconfined', { type: 'Localhost', localhostProfile: 'a' }, ['type']],
])('annotation %s and field %j', (annotation, profile, parts) => {
  const errors = errorsOf((pod, main) => {
    pod.metadata.annotations = {
      [SECCOMP]: annotation,
      'container.seccomp.security.alpha.kubernetes.io/main': annotation,
    };
    pod.spec.securityContext = { seccompProfile: profile as { type: string } };
    main.securityContext = { seccompProfile: profile as { type: string } };
  });
  expect(errors).toEqual(
    ['spec', 'spec.containers[0]'].flatMap((at) =>
      parts.map(
        (part) =>
          `${at}.securityContext.seccompProfile.${part}: Forbidden: the annotation for this profile and the field must match`,
      ),
    ),
  );
});

test('annotations that may not change', () => {
  const annotated = (annotations: Record<string, string>) =>
    changed((pod) => Object.assign(pod.metadata, { annotations }));
  const old = annotated({ a: 'x', 'kubernetes.io/config.mirror': 'x', [`${APPARMOR}/main`]: 'unconfined' });
  const next = annotated({ b: 'y', 'kubernetes.io/config.mirror': 'y', [`${APPARMOR}/init`]: 'unconfined' });
  expect(validateAnnotationsUpdate(next, old).map(fieldErrorMessage)).toEqual(
    ['kubernetes.io/config.mirror', `${APPARMOR}/main`, `${APPARMOR}/init`].map(
      (name) => `${A}[${name}]: Forbidden: may not be added, removed or updated`,
    ),
  );
  expect(validateAnnotationsUpdate(old, old)).toEqual([]);
});

test('a profile of no type agrees with every annotation', () => {
  const errors = errorsOf((pod, main) => {
    pod.metadata.annotations = { [`${APPARMOR}/main`]: 'unconfined' };
    main.securityContext = { appArmorProfile: { type: 'toString' } };
  });
  expect(errors).toEqual([
    'spec.containers[0].securityContext.appArmorProfile.type: Unsupported value: "toString": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
  ]);
});
