/** Leases: who holds what, and until when it is believed. */
import { type FieldError, invalid } from '../../pod/field-error.ts';
import type { KubeObject } from '../../pod/types.ts';
import { notNegative } from '../../pod/validation/check.ts';
import { plain } from './plain.ts';
import { resource } from './resource.ts';

/** Nobody here chooses among those who would lead: as upstream without that feature, what it would go by is dropped. */
function withoutCoordination(lease: KubeObject): KubeObject {
  if (!lease.spec) return lease;
  const { strategy: _, preferredHolder: __, ...spec } = lease.spec;
  return { ...lease, spec };
}

function validate({ spec = {} }: KubeObject): FieldError[] {
  const { leaseDurationSeconds: seconds, leaseTransitions } = spec;
  return [
    ...(seconds != null && seconds <= 0
      ? [invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')]
      : []),
    ...notNegative('spec.leaseTransitions', leaseTransitions),
  ];
}

export const leases = resource({
  group: 'coordination.k8s.io',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
  strategy: plain({
    namespaced: true,
    createsOnUpdate: true,
    replacesKnown: true,
    defaults: withoutCoordination,
    validate,
  }),
});
