import { expect, it } from 'vitest';
import { ScriptedNode } from '../test/stage.ts';
import { useStage } from '../test/use-stage.ts';

const stage = useStage();
const isScheduled = ({ conditions = [] }: { conditions?: { type: string; status: string }[] }) =>
  conditions.some(({ type, status }) => type === 'PodScheduled' && status === 'True');
const containers = [{ name: 'main', image: 'busybox:v1' }];

it('waits, once its object is gone, for a node of the name of its own, and has it remove what is left', async () => {
  const serve = await stage.addNode('gone');
  const node = new ScriptedNode({});
  await stage.play({ name: 'orphan', spec: { nodeName: 'gone', containers } }, node, async (pod) => {
    await pod.until(isScheduled);
    await pod.force();
    await pod.sleep('1s');
    expect([(await pod.handle.describe()).status.name, node.calls]).toEqual(['RUNNING', []]);
    await serve();
    await pod.handle.result();
  });
  expect([node.calls[0], node.calls.at(-1)]).toEqual(['sandbox 0', 'remove']);
});

it('is over with its object when the node it asks for never was', async () => {
  const node = new ScriptedNode({});
  await stage.play({ name: 'lost', spec: { nodeName: 'never', containers } }, node, async (pod) => {
    await pod.until(({ conditions }) => conditions?.[0]?.reason === 'Unschedulable');
    await pod.force();
    await pod.handle.result();
  });
  expect(node.calls).toEqual([]);
});
