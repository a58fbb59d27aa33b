import { expect, it } from 'vitest';
import { isReady, ScriptedNode } from '../test/stage.ts';
import { useStage } from '../test/use-stage.ts';

const stage = useStage({ cpu: '2', memory: '1Gi', pods: '9' });

const spec = { containers: [{ name: 'main', image: 'busybox:v1' }] };
const scheduling = (events: string[]) => events.filter((line) => line.includes('chedul'));

it('a Pod with scheduling gates says so without an event, and has a node as soon as the last is gone', async () => {
  const gated = { ...spec, schedulingGates: [{ name: 'a' }, { name: 'b' }] };
  await stage.play({ name: 'gated', spec: gated }, new ScriptedNode({}), async (pod) => {
    const { conditions } = await pod.until((s) => s.conditions !== undefined);
    expect(conditions).toMatchObject([
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ]);
    const without = (name: string) =>
      pod.change((p) => ({
        ...p,
        spec: { ...p.spec, schedulingGates: p.spec.schedulingGates?.filter((gate) => gate.name !== name) },
      }));
    await without('a');
    await pod.sleep('60s');
    expect((await pod.status()).conditions?.[0]?.reason).toBe('SchedulingGated');
    await without('b');
    await pod.until(isReady, 20);
    expect(scheduling(await pod.events())).toEqual([
      'Normal Scheduled x1 Successfully assigned default/gated to stage',
    ]);
  });
});

it('a Pod that was put on its node was not scheduled by us, also when the node turns it away', async () => {
  const onNode = { ...spec, nodeName: 'stage' };
  await stage.play({ name: 'put', spec: onNode }, new ScriptedNode({}), async (pod) => {
    await pod.until(isReady);
    const pulled = 'Normal Pulled x1 Container image "busybox:v1" already present on machine';
    const started = ['Normal Created x1 Container created', 'Normal Started x1 Container started'];
    expect((await pod.events()).sort()).toEqual([...started, pulled].sort());
    expect(await pod.timeline()).toHaveLength(3);
  });
  const elsewhere = { ...onNode, nodeSelector: { disk: 'ssd' } };
  await stage.play({ name: 'away', spec: elsewhere }, new ScriptedNode({}), async (pod) => {
    const { reason } = await pod.until((s) => s.phase === 'Failed');
    const why = "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector";
    expect([reason, await pod.events()]).toEqual(['NodeAffinity', [`Warning NodeAffinity x1 ${why}`]]);
  });
});

it('an Unschedulable Pod looks again by itself, and at once when it is told to', async () => {
  const large = { containers: [{ ...spec.containers[0], resources: { requests: { cpu: '2' } } }] };
  await stage.play({ name: 'first', spec: large }, new ScriptedNode({}), async (first) => {
    await first.until(isReady);
    await stage.play({ name: 'second', spec: large }, new ScriptedNode({}), async (second) => {
      await second.until((s) => s.conditions?.[0]?.reason === 'Unschedulable');
      await second.sleep('10m');
      await first.remove();
      await second.handle.signal('lookAgain');
      await second.until(isReady, 20);
    });
  });
});
