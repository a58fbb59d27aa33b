/** Annotations of Pods that mean something: older forms of fields, hints to controllers, and durapod's own. */
import { APPARMOR_CONTAINER } from '../app-armor.ts';
import { type FieldError, forbidden, invalid } from '../field-error.ts';
import { PROBE_PERIOD, PROBE_PERIOD_RANGE, parseProbePeriod, probeOfPeriod } from '../probe-periods.ts';
import type { Container, EphemeralContainer, Pod, PodSpec } from '../types.ts';
import { INIT_IMAGE_CHANGE } from '../view.ts';
import { descendingPath, oneOf } from './check.ts';

const PATH = 'metadata.annotations';
const MIRROR = 'kubernetes.io/config.mirror';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
const MIN_INT32 = -(2 ** 31);
const PROBE_PERIOD_NAME = `must be ${PROBE_PERIOD}<container>.<kind>-period, the kind startup, liveness or readiness`;
const [SHORTEST, LONGEST] = PROBE_PERIOD_RANGE;
const PROBE_PERIOD_VALUE = `must be whole milliseconds from ${SHORTEST}ms to ${LONGEST}ms, e.g. 200ms`;

type Profile = { type: string; localhostProfile?: string } | undefined;

const key = (name: string): string => `${PATH}[${name}]`;
const allContainers = (spec: PodSpec): (Container | EphemeralContainer)[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...(spec.ephemeralContainers ?? []),
];

export function validatePodAnnotations({ metadata: { annotations = {} }, spec }: Pod): FieldError[] {
  const cost = annotations[DELETION_COST];
  return [
    ...(MIRROR in annotations && !spec.nodeName
      ? [invalid(key(MIRROR), annotations[MIRROR], 'must set spec.nodeName if mirror pod annotation is set')]
      : []),
    ...(cost !== undefined && !isInt32(cost) ? [invalid(key(DELETION_COST), cost, 'must be a 32bit integer')] : []),
    ...Object.entries(annotations).flatMap(([name, value]) => {
      if (name === SECCOMP_POD || name.startsWith(SECCOMP_CONTAINER)) return seccomp(name, value);
      if (name === INIT_IMAGE_CHANGE) return oneOf(['Ignore', 'RestartPod'], key(name), value);
      if (name.startsWith(PROBE_PERIOD)) return probePeriod(name, value, spec);
      return name.startsWith(APPARMOR_CONTAINER) ? appArmor(name, value, spec) : [];
    }),
  ];
}

const isInt32 = (text: string): boolean =>
  /^(0|-?[1-9]\d*)$/.test(text) && Number(text) >= MIN_INT32 && Number(text) < -MIN_INT32;

function seccomp(name: string, value: string): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(value)) return [];
  return value.startsWith('localhost/')
    ? descendingPath(key(name), value.slice('localhost/'.length))
    : [invalid(key(name), value, 'must be runtime/default, unconfined or localhost/<profile>')];
}

function appArmor(name: string, value: string, spec: PodSpec): FieldError[] {
  const container = name.slice(APPARMOR_CONTAINER.length);
  return [
    ...(allContainers(spec).some((c) => c.name === container)
      ? []
      : [invalid(key(name), container, 'container not found')]),
    ...(['', 'runtime/default', 'unconfined'].includes(value) || value.startsWith('localhost/')
      ? []
      : [invalid(key(name), value, 'must be runtime/default, unconfined or localhost/<profile>')]),
  ];
}

function probePeriod(name: string, value: string, spec: PodSpec): FieldError[] {
  const probe = probeOfPeriod(name);
  if (!probe) return [invalid(PATH, name, PROBE_PERIOD_NAME)];
  const field = `${probe.kind}Probe` as const;
  const container = allContainers(spec).find((c) => c.name === probe.container);
  const missing = !container ? 'container not found' : !container[field] && `the container has no ${field}`;
  return [
    ...(missing ? [invalid(key(name), probe.container, missing)] : []),
    ...(parseProbePeriod(value) === undefined ? [invalid(key(name), value, PROBE_PERIOD_VALUE)] : []),
  ];
}

/** On creation, an annotation and the field that came in its place must say the same. */
export function validateProfilesAgree({ metadata: { annotations = {} }, spec }: Pod): FieldError[] {
  const pod = spec.securityContext;
  const containers = [
    ['spec.initContainers', spec.initContainers ?? []],
    ['spec.containers', spec.containers ?? []],
  ] as const;
  return [
    ...agree(annotations[SECCOMP_POD], pod?.seccompProfile, 'spec.securityContext.seccompProfile'),
    ...containers.flatMap(([path, list]) =>
      list.flatMap(({ name, securityContext }, index) => {
        const at = `${path}[${index}].securityContext`;
        return [
          ...agree(annotations[SECCOMP_CONTAINER + name], securityContext?.seccompProfile, `${at}.seccompProfile`),
          ...agree(
            annotations[APPARMOR_CONTAINER + name],
            securityContext?.appArmorProfile ?? pod?.appArmorProfile,
            `${at}.appArmorProfile`,
          ),
        ];
      }),
    ),
  ];
}

function agree(annotation: string | undefined, field: Profile, path: string): FieldError[] {
  if (annotation === undefined || !field) return [];
  const expected: Record<string, string[]> = {
    Unconfined: ['unconfined'],
    RuntimeDefault: ['runtime/default', 'docker/default'],
    Localhost: [`localhost/${field.localhostProfile ?? ''}`],
  };
  if (!Object.hasOwn(expected, field.type) || expected[field.type]!.includes(annotation)) return [];
  const part = field.type === 'Localhost' && annotation.startsWith('localhost/') ? 'localhostProfile' : 'type';
  return [forbidden(`${path}.${part}`, 'the annotation for this profile and the field must match')];
}

/** Annotations that stay as they were. */
export function validateAnnotationsUpdate(next: Pod, old: Pod): FieldError[] {
  const before = old.metadata.annotations ?? {};
  const after = next.metadata.annotations ?? {};
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) =>
    (name === MIRROR || name.startsWith(APPARMOR_CONTAINER)) && before[name] !== after[name]
      ? [forbidden(key(name), 'may not be added, removed or updated')]
      : [],
  );
}
