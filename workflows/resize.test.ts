import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import type { Pod, PodStatus } from '../pod/types.ts';
import { isReady, type LivePod, ScriptedNode, summary } from '../test/stage.ts';
import { useStage } from '../test/use-stage.ts';

const stage = useStage({ cpu: '2', pods: '110' });

const cpu = (amount: string) => ({ requests: { cpu: amount } });
const container = (name: string, more: object = {}) => ({ name, image: 'busybox:v1', resources: cpu('100m'), ...more });
/** Another cpu request for main containers, as the API would store it. */
const resize = (pod: LivePod, amount: string) =>
  pod.change((p: Pod) => ({
    ...p,
    metadata: { ...p.metadata, generation: (p.metadata.generation ?? 1) + 1 },
    spec: { ...p.spec, containers: p.spec.containers.map((c) => ({ ...c, resources: cpu(amount) })) },
  }));
/** What the main container was granted, what it has, and the conditions of the resize. */
const shown = ({ containerStatuses = [], conditions = [] }: PodStatus) => [
  containerStatuses[0]?.allocatedResources?.cpu,
  containerStatuses[0]?.resources?.requests?.cpu,
  ...conditions.filter((c) => c.type.startsWith('PodResize')).map((c) => `${c.type} ${c.reason ?? ''}`),
];
/** Waits until exactly that is shown, whatever is on the way there. */
const untilShown = (pod: LivePod, ...values: string[]) => pod.until((s) => isDeepStrictEqual(shown(s), values));
const resizes = async (pod: LivePod) =>
  (await pod.events()).filter((line) => line.includes('Resize')).map((line) => line.replace(/ x\d+ .*/, ''));
const metadata = { generation: 1 };

it('a running container gets what it wants now without a restart', async () => {
  const node = new ScriptedNode({});
  await stage.play({ name: 'cpu', metadata, spec: { containers: [container('main')] } }, node, async (pod) => {
    expect(shown(await pod.until(isReady))).toEqual(['100m', '100m']);
    await resize(pod, '200m');
    const status = await pod.until((s) => s.observedGeneration === 2 && shown(s).length === 2);
    expect([shown(status), summary(status).at(-1)]).toEqual([['200m', '200m'], 'main Running 0']);
    expect(await resizes(pod)).toEqual(['Normal ResizeStarted', 'Normal ResizeCompleted']);
  });
  expect(node.calls.slice(0, 3)).toEqual(['sandbox 0', 'start main 0', 'resize main {"requests":{"cpu":"200m"}}']);
});

it('a container restarts for it where its policy says so', async () => {
  const node = new ScriptedNode({});
  const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }];
  const spec = { containers: [container('main', { resizePolicy })], terminationGracePeriodSeconds: 1 };
  await stage.play({ name: 'restart', metadata, spec }, node, async (pod) => {
    await pod.until(isReady);
    await resize(pod, '200m');
    const status = await pod.until((s) => isReady(s) && s.containerStatuses?.[0]?.restartCount === 1);
    expect(shown(status)).toEqual(['200m', '200m']);
    const events = await pod.events();
    expect(events).toContain('Normal Killing x1 Container main resize requires restart');
    expect(await resizes(pod)).toEqual(['Normal ResizeStarted', 'Normal ResizeCompleted']);
  });
  expect(node.calls.slice(0, 4)).toEqual(['sandbox 0', 'start main 0', 'stop main', 'start main 1']);
});

it('what the node cannot do now is tried again; what it refuses for good is not', async () => {
  const node = new ScriptedNode({});
  node.resizeErrors = ['container main: memory in use'];
  const other = { name: 'other', metadata, spec: { containers: [container('main', { resources: cpu('1') })] } };
  const spec = { containers: [container('main')] };
  await stage.play(other, new ScriptedNode({}), async (big) => {
    await big.until(isReady);
    await stage.play({ name: 'waits', metadata, spec, continueAfterEvents: 40 }, node, async (pod) => {
      await pod.until(isReady);
      await resize(pod, '200m');
      await untilShown(pod, '200m', '100m', 'PodResizeInProgress Error');
      await untilShown(pod, '200m', '200m');

      await resize(pod, '3');
      await untilShown(pod, '200m', '200m', 'PodResizePending Infeasible');

      await resize(pod, '1500m');
      await untilShown(pod, '200m', '200m', 'PodResizePending Deferred');
      await pod.sleep('5m');
      await big.delete();
      await untilShown(pod, '1500m', '1500m');
      expect(await resizes(pod)).toEqual([
        'Normal ResizeStarted',
        'Warning ResizeError',
        'Normal ResizeCompleted',
        'Warning ResizeInfeasible',
        'Warning ResizeDeferred',
        'Normal ResizeStarted',
        'Normal ResizeCompleted',
      ]);
    });
  });
  expect(node.calls.filter((call) => call.startsWith('resize'))).toEqual([
    'resize main {"requests":{"cpu":"200m"}}',
    'resize main {"requests":{"cpu":"200m"}}',
    'resize main {"requests":{"cpu":"1500m"}}',
  ]);
});

it('a wish that was refused may be taken back; a container that restarts meanwhile has what was granted', async () => {
  const node = new ScriptedNode({});
  const spec = { containers: [container('main')] };
  await stage.play({ name: 'back', metadata, spec }, node, async (pod) => {
    await pod.until(isReady);
    await resize(pod, '3');
    await untilShown(pod, '100m', '100m', 'PodResizePending Infeasible');
    await pod.exit('main', 1);
    const again = await pod.until((s) => isReady(s) && s.containerStatuses?.[0]?.restartCount === 1);
    expect(shown(again)).toEqual(['100m', '100m', 'PodResizePending Infeasible']);
    await resize(pod, '100m');
    await untilShown(pod, '100m', '100m');
  });
  expect(node.calls.some((call) => call.startsWith('resize'))).toBe(false);
});

it('a Pod that does not fit waits for room; one that was put on the node fails', async () => {
  const big = { containers: [container('main', { resources: cpu('1500m') })] };
  await stage.play({ name: 'first', spec: big }, new ScriptedNode({}), async (first) => {
    await first.until(isReady);
    await stage.play({ name: 'second', spec: big }, new ScriptedNode({}), async (second) => {
      const waiting = await second.until((s) => s.conditions?.[0]?.reason === 'Unschedulable');
      expect(waiting.conditions?.[0]?.message).toBe('0/1 nodes are available: 1 Insufficient cpu.');
      const node = new ScriptedNode({});
      await stage.play({ name: 'put', spec: { ...big, nodeName: 'stage' } }, node, async (put) => {
        const status = await put.until((s) => s.phase === 'Failed');
        expect([status.reason, status.message, status.containerStatuses]).toEqual([
          'OutOfcpu',
          "Pod was rejected: Node didn't have enough resource: cpu, requested: 1500, used: 1500, capacity: 2000",
          undefined,
        ]);
      });
      expect(node.calls).toEqual(['stop sandbox', 'remove']);
      await first.delete();
      await second.until(isReady);
    });
  });
});
