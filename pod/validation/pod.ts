import { type FieldError, forbidden, required } from '../field-error.ts';
import { dns1123Subdomain } from '../names.ts';
import type { Pod, PodSpec } from '../types.ts';
import { validateAffinity } from './affinity.ts';
import { validatePodAnnotations, validateProfilesAgree } from './annotations.ts';
import { follows, inRange, requiredOneOf } from './check.ts';
import { validateContainers, validateInitContainers } from './containers.ts';
import { validateEphemeralContainers } from './ephemeral-containers.ts';
import { validateLabels, validateMetadata } from './metadata.ts';
import { validateNetwork } from './network.ts';
import { validatePodResources, validateQuantity } from './resources.ts';
import { validateReadinessGates, validateSchedulingGates, validateSpread, validateTolerations } from './scheduling.ts';
import { validatePodSecurity } from './security.ts';
import { validateVolumes } from './volumes.ts';

const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const PREEMPTION_POLICIES = ['Never', 'PreemptLowerPriority'];
const MAX_DEADLINE = 2 ** 31 - 1;

/**
 * What is wrong with a new Pod. Expects one that has been through `defaultPod` and whose JSON has the API's types
 * (a wrong type is for the decoder to refuse).
 */
export const validatePod = (pod: Pod): FieldError[] => [
  ...validateWholePod(pod),
  ...(pod.spec.ephemeralContainers?.length
    ? [forbidden('spec.ephemeralContainers', 'cannot be set on create; add them to the running Pod')]
    : []),
  ...(pod.spec.nodeName && pod.spec.schedulingGates?.length
    ? [forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')]
    : []),
  ...validateProfilesAgree(pod),
];

/** What must hold for a Pod at any time. */
export const validateWholePod = (pod: Pod): FieldError[] => [
  ...validateMetadata(pod.metadata, { namespaced: true, nameRule: dns1123Subdomain }),
  ...validatePodAnnotations(pod),
  ...validateSpec(pod.spec),
];

/** What must hold for the spec of a Pod, and of a template for Pods. */
export function validateSpec(spec: PodSpec): FieldError[] {
  return [
    ...(spec.terminationGracePeriodSeconds == null ? [required('spec.terminationGracePeriodSeconds')] : []),
    ...validateVolumes(spec.volumes, 'spec.volumes'),
    ...validateContainers(spec),
    ...validateInitContainers(spec),
    ...validateEphemeralContainers(spec),
    ...validatePodResources(spec),
    ...validateNetwork(spec),
    ...requiredOneOf(RESTART_POLICIES, 'spec.restartPolicy', spec.restartPolicy),
    ...validateLabels(spec.nodeSelector, 'spec.nodeSelector'),
    ...validatePodSecurity(spec),
    ...validateAffinity(spec.affinity, 'spec.affinity'),
    ...validateReadinessGates(spec.readinessGates, 'spec.readinessGates'),
    ...validateSchedulingGates(spec.schedulingGates, 'spec.schedulingGates'),
    ...validateSpread(spec.topologySpreadConstraints, 'spec.topologySpreadConstraints'),
    ...(['serviceAccountName', 'nodeName', 'priorityClassName', 'runtimeClassName'] as const).flatMap((name) =>
      follows(dns1123Subdomain, `spec.${name}`, spec[name] || undefined),
    ),
    ...inRange(1, MAX_DEADLINE, 'spec.activeDeadlineSeconds', spec.activeDeadlineSeconds),
    ...validateTolerations(spec.tolerations, 'spec.tolerations'),
    ...(spec.preemptionPolicy == null
      ? []
      : requiredOneOf(PREEMPTION_POLICIES, 'spec.preemptionPolicy', spec.preemptionPolicy)),
    ...Object.entries(spec.overhead ?? {}).flatMap(([name, text]) =>
      validateQuantity(name, text, `spec.overhead[${name}]`),
    ),
    ...(spec.os ? requiredOneOf(['linux', 'windows'], 'spec.os.name', spec.os.name) : []),
  ];
}
