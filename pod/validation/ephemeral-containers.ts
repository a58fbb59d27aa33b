import { duplicate, type FieldError, forbidden, notFound } from '../field-error.ts';
import type { EphemeralContainer, PodSpec } from '../types.ts';
import { each } from './check.ts';
import { validateCommon } from './containers.ts';

const REASON = 'cannot be set for an Ephemeral Container';
const NOT_ALLOWED = [
  'lifecycle',
  'livenessProbe',
  'ports',
  'readinessProbe',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'startupProbe',
] as const;

/** Containers that join a running Pod for a look: they have no ports, probes, hooks or resources. */
export function validateEphemeralContainers(spec: PodSpec): FieldError[] {
  const others = [...spec.containers, ...(spec.initContainers ?? [])].map((c) => c.name);
  const ephemeral = spec.ephemeralContainers ?? [];
  const names = [...others, ...ephemeral.map((c) => c.name)];
  return each(ephemeral, 'spec.ephemeralContainers', (container, at, index) => [
    ...validateCommon(container, spec, at),
    ...(names.indexOf(container.name) < others.length + index ? [duplicate(`${at}.name`, container.name)] : []),
    ...(container.targetContainerName && !others.includes(container.targetContainerName)
      ? [notFound(`${at}.targetContainerName`, container.targetContainerName)]
      : []),
    ...NOT_ALLOWED.flatMap((field) => (isSet(container[field]) ? [forbidden(`${at}.${field}`, REASON)] : [])),
    ...(hasResources(container) ? [forbidden(`${at}.resources`, REASON)] : []),
    ...each(container.volumeMounts, `${at}.volumeMounts`, (mount, path) => [
      ...(mount.subPath ? [forbidden(`${path}.subPath`, REASON)] : []),
      ...(mount.subPathExpr ? [forbidden(`${path}.subPathExpr`, REASON)] : []),
    ]),
  ]);
}

const isSet = (value: unknown): boolean => value != null && !(Array.isArray(value) && value.length === 0);

const hasResources = ({ resources }: EphemeralContainer): boolean =>
  Object.values(resources ?? {}).some((part) => part != null && Object.keys(part).length > 0);
