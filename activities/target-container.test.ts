import { expect, test } from 'vitest';
import type { Pod } from '../pod/types.ts';
import type { RuntimeContainer } from '../runtime/port.ts';
import { targetContainerId } from './target-container.ts';

const pod = { metadata: { uid: 'u' }, spec: { containers: [] } } as unknown as Pod;
const runtime = {
  listContainers: async () =>
    [
      { id: 'old', name: 'main', state: 'exited' },
      { id: 'new', name: 'main', state: 'running' },
      { id: 'init', name: 'init', state: 'exited' },
    ] as RuntimeContainer[],
};

test('the running container of the name is the target; no name, no target', async () => {
  expect(await targetContainerId(runtime, pod, { name: 'look', targetContainerName: 'main' })).toBe('new');
  expect(await targetContainerId(runtime, pod, { name: 'look' })).toBe(undefined);
});

test('a target that does not run is a configuration error, tried again later', async () => {
  await expect(targetContainerId(runtime, pod, { name: 'look', targetContainerName: 'init' })).rejects.toThrow(
    'the target container "init" does not run',
  );
});
