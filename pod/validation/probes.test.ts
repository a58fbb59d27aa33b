import { expect, test } from 'vitest';
import { mainErrors } from './testing.ts';

const C = 'spec.containers[0]';
const COUNTS = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
const probe = (change: object) => ({ ...COUNTS, exec: { command: ['true'] }, ...change });

test.each<[object, string[]]>([
  [
    {
      livenessProbe: probe({ terminationGracePeriodSeconds: 1 }),
      readinessProbe: probe({ successThreshold: 3 }),
      startupProbe: probe({ exec: undefined, grpc: { port: 80, service: '' } }),
    },
    [],
  ],
  [
    {
      livenessProbe: probe({ successThreshold: 2, terminationGracePeriodSeconds: 0 }),
      startupProbe: probe({ successThreshold: 2 }),
    },
    [
      `${C}.livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0`,
      `${C}.livenessProbe.successThreshold: Invalid value: 2: must be 1`,
      `${C}.startupProbe.successThreshold: Invalid value: 2: must be 1`,
    ],
  ],
  [
    { readinessProbe: probe({ terminationGracePeriodSeconds: 5, initialDelaySeconds: -1, periodSeconds: -1 }) },
    [
      `${C}.readinessProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0`,
      `${C}.readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0`,
      `${C}.readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes`,
    ],
  ],
  [{ livenessProbe: COUNTS }, [`${C}.livenessProbe: Required value: must specify a handler type`]],
  [
    { livenessProbe: probe({ exec: undefined, grpc: { port: 70000 } }) },
    [`${C}.livenessProbe.grpc.port: Invalid value: 70000: must be a port number from 1 to 65535`],
  ],
])('%j', (probes, expected) => expect(mainErrors(probes)).toEqual(expected));
