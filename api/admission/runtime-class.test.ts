import { expect, test } from 'vitest';
import type { StoredObject } from '../../store/port.ts';
import { ApiError } from '../errors.ts';
import { admitRuntimeClass } from './runtime-class.ts';

const CLASS = {
  metadata: { name: 'slow' },
  handler: 'slow',
  overhead: { podFixed: { cpu: '10m' } },
  scheduling: { nodeSelector: { disk: 'ssd' }, tolerations: [{ key: 'slow', operator: 'Exists' }] },
};
const store = { get: async ({ name }: { name: string }) => (name === 'slow' ? (CLASS as StoredObject) : undefined) };
const pod = (spec: object) => ({ metadata: { name: 'p' }, spec: { containers: [], ...spec } });

test('a Pod without a class stays as it is', async () => {
  expect(await admitRuntimeClass(pod({}), store)).toEqual(pod({}));
});

test('a Pod takes over what its class says', async () => {
  const admitted = await admitRuntimeClass(pod({ runtimeClassName: 'slow', nodeSelector: { zone: 'a' } }), store);
  expect(admitted.spec).toEqual({
    containers: [],
    runtimeClassName: 'slow',
    overhead: { cpu: '10m' },
    nodeSelector: { disk: 'ssd', zone: 'a' },
    tolerations: [{ key: 'slow', operator: 'Exists' }],
  });
});

test.each([
  [{ runtimeClassName: 'none' }, 'pods "p" is forbidden: pod rejected: RuntimeClass "none" not found'],
  [{ overhead: { cpu: '1' } }, 'spec.overhead is set by a RuntimeClass'],
  [{ runtimeClassName: 'slow', overhead: { cpu: '1' } }, 'spec.overhead differs'],
  [{ runtimeClassName: 'slow', nodeSelector: { disk: 'tape' } }, 'spec.nodeSelector disk conflicts'],
])('%j is refused', async (spec, message) => {
  const error = await admitRuntimeClass(pod(spec), store).catch((e) => e);
  expect(error).toBeInstanceOf(ApiError);
  expect([error.code, error.message]).toEqual([403, expect.stringContaining(message)]);
});
