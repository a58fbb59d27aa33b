import { expect, test } from 'vitest';
import { podsPath, testApi, testPod } from '../testing.ts';

const computed = 'must not be provided in pod spec; priority admission controller computed';

test.each<[object, number, unknown]>([
  [{}, 201, [0, 'PreemptLowerPriority']],
  [{ priority: 0, preemptionPolicy: 'PreemptLowerPriority' }, 201, [0, 'PreemptLowerPriority']],
  [{ priorityClassName: 'system-node-critical' }, 201, [2_000_001_000, 'PreemptLowerPriority']],
  [
    { priorityClassName: 'system-cluster-critical', priority: 2_000_000_000 },
    201,
    [2_000_000_000, 'PreemptLowerPriority'],
  ],
  [{ priorityClassName: 'high' }, 403, 'no PriorityClass with name high was found'],
  [{ priorityClassName: 'constructor' }, 403, 'no PriorityClass with name constructor was found'],
  [
    { priority: 2_000_001_000 },
    403,
    `the integer value of priority (2000001000) ${computed} 0 from the given PriorityClass name`,
  ],
  [
    { priorityClassName: 'system-node-critical', priority: 7 },
    403,
    `the integer value of priority (7) ${computed} 2000001000 from the given PriorityClass name`,
  ],
  [
    { preemptionPolicy: 'Never' },
    403,
    `the string value of PreemptionPolicy (Never) ${computed} PreemptLowerPriority from the given PriorityClass name`,
  ],
])('%j: %i', async (fields, code, expected) => {
  await using api = await testApi();
  const pod = testPod('web');
  const { status, body } = await api.send('POST', podsPath, { ...pod, spec: { ...pod.spec, ...fields } });
  const answer = status === 201 ? [body.spec.priority, body.spec.preemptionPolicy] : [body.reason, body.message];
  expect([status, answer]).toEqual([
    code,
    code === 201 ? expected : ['Forbidden', `pods "web" is forbidden: ${expected}`],
  ]);
});

test('a template may name a class that there is not', async () => {
  await using api = await testApi();
  const template = { spec: { ...testPod('web').spec, priorityClassName: 'high', priority: 7 } };
  const sent = { metadata: { name: 'a' }, template };
  const { status, body } = await api.send('POST', '/api/v1/namespaces/default/podtemplates', sent);
  expect([status, body.template?.spec]).toEqual([201, expect.objectContaining({ priority: 7 })]);
});
