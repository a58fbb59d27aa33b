/** All that a node does for its Pods. */
import type { NodeActivities } from '../pod/contract.ts';
import { startContainer } from './container.ts';
import { createFile } from './file.ts';
import { hook } from './hook.ts';
import { pullImage } from './image.ts';
import type { NodeContext } from './node-context.ts';
import { resizeContainers } from './resize.ts';
import { sandboxActivities } from './sandbox.ts';
import { stopContainer } from './stop.ts';

export function nodeActivities(node: NodeContext): NodeActivities {
  return {
    ...sandboxActivities(node),
    startContainer: (input) => startContainer(node, input),
    stopContainer: (input) => stopContainer(node, input),
    pullImage: (input) => pullImage(node, input),
    runHook: (input) => hook(node, input),
    createFile: (input) => createFile(node, input),
    resizeContainers: (input) => resizeContainers(node, input),
  };
}
