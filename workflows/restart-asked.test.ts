import { expect, it } from 'vitest';
import { isReady, type LivePod, ScriptedNode, summary } from '../test/stage.ts';
import { useStage } from '../test/use-stage.ts';

const stage = useStage();

const container = (name: string, more: object = {}) => ({ name, image: 'busybox:v1', ...more });
const inits = (...names: string[]) => ({ initContainers: names.map((name) => container(name)) });

/** What comes of asking: `accepted`, or the type and message of the refusal. */
const asked = (pod: LivePod, update: 'restartContainer' | 'restartPod', container?: string): Promise<string> =>
  pod.handle.executeUpdate(update, { args: [container ? { container } : { message: 'as asked' }] }).then(
    () => 'accepted',
    ({ cause }) => `${cause.type}: ${cause.message}`,
  );
const restarted = (pod: LivePod, ...names: string[]) =>
  Promise.all([asked(pod, 'restartPod'), ...names.map((name) => asked(pod, 'restartContainer', name))]);

it('restarts a container that runs or waits for its back-off, and not one that would not notice', async () => {
  const node = new ScriptedNode({ done: [0, 0], main: ['runs', 'runs', 1, 'runs'] });
  const once = container('once', { restartPolicy: 'Never' });
  const spec = { ...inits('done'), containers: [container('main'), once] };
  await stage.play({ name: 'restarts', spec }, node, async (pod) => {
    await pod.until(isReady);
    expect(await asked(pod, 'restartContainer', 'main')).toBe('accepted');
    await pod.until((s) => s.containerStatuses?.[0]?.restartCount === 1 && isReady(s));
    await pod.exit('once', 3);
    await pod.exit('main', 1);
    await pod.until((s) => s.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff');
    expect(await asked(pod, 'restartContainer', 'main')).toBe('accepted');
    await pod.until((s) => s.containerStatuses?.[0]?.restartCount === 3, 4);
    const forGood = (name: string, why: string) =>
      `ContainerNotRunning: container "${name}" has ended for good (${why}): restart the Pod, which runs it again`;
    expect(await Promise.all(['done', 'once', 'nope'].map((name) => asked(pod, 'restartContainer', name)))).toEqual([
      forGood('done', 'Completed'),
      forGood('once', 'Error'),
      'Invalid: container "nope" not found; the Pod has: done, main, once',
    ]);
    expect(await asked(pod, 'restartPod')).toBe('accepted');
    const status = await pod.until((s) => s.initContainerStatuses?.[0]?.restartCount === 1 && isReady(s));
    expect(summary(status).slice(1)).toEqual(['done Completed 1', 'main Running 4', 'once Running 1']);
  });
});

it('does not restart a container before its turn', async () => {
  const node = new ScriptedNode({});
  await stage.play(
    { name: 'early', spec: { ...inits('a', 'b'), containers: [container('main')] } },
    node,
    async (pod) => {
      await pod.until((s) => s.initContainerStatuses?.[0]?.state?.running !== undefined);
      const notYet = (name: string) =>
        `ContainerNotRunning: container "${name}" has not started yet: it starts when its turn comes`;
      expect(await Promise.all(['b', 'main'].map((name) => asked(pod, 'restartContainer', name)))).toEqual([
        notYet('b'),
        notYet('main'),
      ]);
      expect(await asked(pod, 'restartContainer', 'a')).toBe('accepted');
      await pod.until((s) => s.initContainerStatuses?.[0]?.restartCount === 1);
    },
  );
});

it('does not run an ephemeral container twice', async () => {
  const node = new ScriptedNode({ look: [0] });
  await stage.play({ name: 'ephemeral', spec: { containers: [container('main')] } }, node, async (pod) => {
    await pod.until(isReady);
    const look = container('look', { imagePullPolicy: 'IfNotPresent' });
    await pod.change((p) => ({ ...p, spec: { ...p.spec, ephemeralContainers: [look] } }));
    await pod.until((s) => s.ephemeralContainerStatuses?.[0]?.state?.terminated !== undefined);
    expect(await asked(pod, 'restartContainer', 'look')).toBe(
      'ContainerNotRunning: container "look" has ended for good (Completed): add another ephemeral container',
    );
  });
});

it.each([
  [0, 'Succeeded'],
  [1, 'Failed'],
])('restarts nothing of a Pod whose container ended with %i', async (code, phase) => {
  const spec = { restartPolicy: 'Never', containers: [container('main')] };
  const node = new ScriptedNode({ main: [code] });
  await stage.play({ name: `over-${code}`, spec }, node, async (pod) => {
    await pod.until((s) => s.phase === phase);
    const over = `PodNotRunning: pod "over-${code}" is over (${phase}): delete it and create it again`;
    expect(await restarted(pod, 'main')).toEqual([over, over]);
  });
  expect(node.calls).toEqual(['sandbox 0', 'start main 0', 'stop sandbox', 'remove']);
});

it('restarts nothing of a Pod that is being deleted', async () => {
  const node = new ScriptedNode({});
  const finalizers = ['example.com/keep'];
  const spec = { containers: [container('main')] };
  await stage.play({ name: 'going', spec, metadata: { finalizers } }, node, async (pod) => {
    await pod.until(isReady);
    await pod.delete();
    const going = 'PodNotRunning: pod "going" is being deleted: create it again once it is gone';
    expect(await restarted(pod, 'main')).toEqual([going, going]);
    await pod.change((p) => ({ ...p, metadata: { ...p.metadata, finalizers: [] } }));
    await pod.handle.result();
  });
});
