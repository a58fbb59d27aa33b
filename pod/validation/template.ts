/** A template that Pods are made from: what holds for a Pod's spec holds for it, wherever in an object it stands. */
import { type FieldError, forbidden } from '../field-error.ts';
import type { Pod } from '../types.ts';
import { validatePodAnnotations, validateProfilesAgree } from './annotations.ts';
import { validateTags } from './metadata.ts';
import { validateSpec } from './pod.ts';

/** What is wrong with a template at `path`, which has been through `defaultPodTemplate`. */
export const validatePodTemplate = (template: Pod, path: string): FieldError[] =>
  [
    ...validateTags(template.metadata),
    ...validatePodAnnotations(template),
    ...validateSpec(template.spec),
    ...validateProfilesAgree(template),
    ...(template.spec.ephemeralContainers?.length
      ? [forbidden('spec.ephemeralContainers', 'ephemeral containers not allowed in pod template')]
      : []),
    // Upstream's paths leave out the template's metadata.
  ].map((error) => ({ ...error, field: `${path}.${error.field.replace(/^metadata\./, '')}` }));
