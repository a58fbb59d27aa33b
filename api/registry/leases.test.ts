import { expect, test } from 'vitest';
import { testApi, told } from '../testing.ts';

const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases';

test.each<[object, unknown[]]>([
  [{ leaseDurationSeconds: 0 }, [422, 'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0']],
  [{ leaseTransitions: -1 }, [422, 'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0']],
  [{ leaseDurationSeconds: 1, leaseTransitions: 0, holderIdentity: 'a', strategy: 'x', preferredHolder: 'y' }, [201]],
  [{}, [201]],
])('a lease of %j: %j', async (spec, expected) => {
  await using api = await testApi();
  const answer = await api.send('POST', path, { metadata: { name: 'a' }, spec });
  expect([told(answer), answer.body.spec?.strategy, answer.body.spec?.preferredHolder]).toEqual([
    expected,
    undefined,
    undefined,
  ]);
});
