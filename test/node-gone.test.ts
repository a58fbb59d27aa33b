/** Pods whose node is not there, on a real Temporal: it refuses what a workflow asks for after its end. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { podWorkflowId } from '../pod/messages.ts';
import { Durapod, podOf } from './durapod.ts';
import { until } from './shell.ts';

let durapod: Durapod;
let connection: Connection;
beforeAll(async () => {
  durapod = await Durapod.start(['--node-name', 'box', '--runtime', 'sim']);
  const { temporal } = JSON.parse(readFileSync(join(durapod.home, 'ports.json'), 'utf8'));
  connection = await Connection.connect({ address: `127.0.0.1:${temporal}` });
});
afterAll(async () => {
  await connection?.close();
  await durapod?.down();
});

test.each<[string, object]>([
  ['that never was', { nodeName: 'nowhere' }],
  ['that none suits', { nodeSelector: { disk: 'tape' } }],
])('the workflow of a Pod that waits for a node %s ends when it is deleted by force', async (_, spec) => {
  await durapod.create(podOf('waits', { ...spec, containers: [{ name: 'main', image: 'busybox:v1' }] }));
  await durapod.ok('wait', '--for=jsonpath={.status.conditions[0].reason}=Unschedulable', '--timeout=40s', 'pod/waits');
  const uid = await durapod.ok('get', 'pod', 'waits', '-o', 'jsonpath={.metadata.uid}');
  await durapod.ok('delete', 'pod', 'waits', '--force');
  const id = podWorkflowId({ namespace: 'default', name: 'waits', uid });
  const statusName = async () => (await new Client({ connection }).workflow.getHandle(id).describe()).status.name;
  const ended = await until('an end', async () => ((await statusName()) === 'RUNNING' ? undefined : statusName()));
  expect(ended).toBe('COMPLETED');
});
