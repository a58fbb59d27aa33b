/** All workflows, for Temporal's bundler. */
export { nodeWorkflow } from './node.ts';
export { podWorkflow } from './pod.ts';
