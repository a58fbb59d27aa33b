import { type FieldError, invalid } from '../field-error.ts';
import type { Container, Probe } from '../types.ts';
import { notNegative } from './check.ts';
import { validateHandler } from './handlers.ts';

/** The three probes of a container that may have them. */
export function validateProbes(container: Container, graceSeconds: number | undefined, path: string): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  return [
    ...(livenessProbe ? validateKilling(livenessProbe, graceSeconds, `${path}.livenessProbe`) : []),
    ...(readinessProbe ? validateReadiness(readinessProbe, graceSeconds, `${path}.readinessProbe`) : []),
    ...(startupProbe ? validateKilling(startupProbe, graceSeconds, `${path}.startupProbe`) : []),
  ];
}

function validateProbe(probe: Probe, graceSeconds: number | undefined, path: string): FieldError[] {
  const counts = [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const;
  const grace = probe.terminationGracePeriodSeconds;
  return [
    ...validateHandler(probe, graceSeconds, path),
    ...counts.flatMap((name) => notNegative(`${path}.${name}`, probe[name])),
    ...(grace != null && grace <= 0
      ? [invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0')]
      : []),
  ];
}

/** One success is enough for a probe whose failure kills. */
const validateKilling = (probe: Probe, graceSeconds: number | undefined, path: string): FieldError[] => [
  ...validateProbe(probe, graceSeconds, path),
  ...(probe.successThreshold === 1 ? [] : [invalid(`${path}.successThreshold`, probe.successThreshold, 'must be 1')]),
];

const validateReadiness = (probe: Probe, graceSeconds: number | undefined, path: string): FieldError[] => [
  ...validateProbe(probe, graceSeconds, path),
  ...(probe.terminationGracePeriodSeconds == null
    ? []
    : [
        invalid(
          `${path}.terminationGracePeriodSeconds`,
          probe.terminationGracePeriodSeconds,
          'must not be set for readinessProbes',
        ),
      ]),
];
