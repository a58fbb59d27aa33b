/** A node that is short of disk, as it says itself: its threshold is all that the disk has. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Node, Pod } from '../pod/types.ts';
import { Durapod, podOf } from './durapod.ts';

let durapod: Durapod;
beforeAll(async () => {
  const period = ['--eviction-pressure-transition-period', '1s'];
  durapod = await Durapod.start(['--node-name', 'box', '--eviction-hard', 'nodefs.available<100%', ...period]);
});
afterAll(() => durapod?.down());

const get = async <T>(...what: string[]) => JSON.parse(await durapod.ok('get', ...what, '-o', 'json')) as T;
const containers = [{ name: 'main', image: 'busybox:v1', command: ['sleep', '3600'] }];
const TAINT = 'node.kubernetes.io/disk-pressure';

test('the node says so, by condition, taint and event', async () => {
  await durapod.ok('wait', '--for=condition=DiskPressure', 'node/box', '--timeout=30s');
  const { spec, status } = await get<Node>('node', 'box');
  expect(spec?.taints).toEqual([{ key: TAINT, effect: 'NoSchedule' }]);
  const conditions = status?.conditions?.map((c) => [c.type, c.status, c.reason]);
  expect(conditions).toEqual([
    ['MemoryPressure', 'False', 'KubeletHasSufficientMemory'],
    ['DiskPressure', 'True', 'KubeletHasDiskPressure'],
    ['PIDPressure', 'False', 'KubeletHasSufficientPID'],
    ['Ready', 'True', 'KubeletReady'],
  ]);
  await expect.poll(() => durapod.ok('events', '--for=node/box'), { timeout: 10_000 }).toContain('NodeHasDiskPressure');
});

test('no Pod is put there, and one that a client puts there is turned away', async () => {
  await durapod.create(podOf('waits', { containers }), podOf('turned-away', { containers, nodeName: 'box' }));
  await durapod.ok('wait', '--for=jsonpath={.status.phase}=Failed', 'pod/turned-away', '--timeout=30s');
  expect((await get<Pod>('pod', 'turned-away')).status).toMatchObject({
    reason: 'Evicted',
    message: 'Pod was rejected: The node had condition: [DiskPressure]. ',
  });
  const { status } = await get<Pod>('pod', 'waits');
  const unschedulable = `0/1 nodes are available: 1 node(s) had untolerated taint {${TAINT}: }.`;
  expect(status?.conditions).toMatchObject([{ type: 'PodScheduled', status: 'False', message: unschedulable }]);
});

test('one that bears it runs until it is evicted to make room', async () => {
  const tolerations = [{ key: TAINT, operator: 'Exists' }];
  await durapod.create(podOf('bears', { containers, tolerations }));
  await durapod.ok('wait', '--for=jsonpath={.status.phase}=Failed', 'pod/bears', '--timeout=60s');
  const { status } = await get<Pod>('pod', 'bears');
  const message = expect.stringMatching(
    /^The node was low on resource: ephemeral-storage. Threshold quantity: \w+, available: \w+\. /,
  );
  expect(status).toMatchObject({ reason: 'Evicted', message });
  expect(status?.conditions?.find((c) => c.type === 'DisruptionTarget')).toMatchObject({
    status: 'True',
    reason: 'TerminationByKubelet',
    message,
  });
  // It did run.
  expect(status?.containerStatuses?.[0]?.state?.terminated?.startedAt).toEqual(expect.any(String));
});
