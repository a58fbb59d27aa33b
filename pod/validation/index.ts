/** Validation of Pods, as the API server does it before anything is stored. */
export { validateMetadata, validateMetadataUpdate } from './metadata.ts';
export { validatePod } from './pod.ts';
export { validateResize } from './resize.ts';
export { validatePodStatusUpdate } from './status.ts';
export { validatePodTemplate } from './template.ts';
export { validateEphemeralContainersUpdate, validatePodUpdate } from './update.ts';
