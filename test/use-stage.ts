/** The stage for the workflow tests of a file: set before the first and struck after the last. */
import { afterAll, beforeAll } from 'vitest';
import { openStage, type Stage } from './stage.ts';

/** `allocatable` is what its node has; a node that does not say so takes every Pod. */
export function useStage(allocatable?: Record<string, string>): Pick<Stage, 'play' | 'addNode'> {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(allocatable);
  }, 120_000);
  afterAll(() => stage.close());
  return { play: (pod, node, within) => stage.play(pod, node, within), addNode: (name) => stage.addNode(name) };
}
