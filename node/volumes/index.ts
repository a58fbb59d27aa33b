/** Volumes of Pods on a node. */
export type { TokenRequest, VolumeContext } from './context.ts';
export { VolumeError } from './errors.ts';
export { volumePath } from './kinds.ts';
export { prepareVolumes, refreshVolumes } from './prepare.ts';
export { teardownVolumes } from './teardown.ts';
