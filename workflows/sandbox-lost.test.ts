import { expect, it } from 'vitest';
import { isReady, type LivePod, ScriptedNode, summary } from '../test/stage.ts';
import { useStage } from '../test/use-stage.ts';

const stage = useStage();

const container = (name: string, more: object = {}) => ({ name, image: 'busybox:v1', ...more });
const lose = (pod: LivePod) => pod.handle.signal('sandboxLost', { sandboxId: 'sandbox-0', message: 'rebooted' });
const isOver = (name: string) => (status: { containerStatuses?: { name: string; state?: object }[] }) =>
  status.containerStatuses?.some((c) => c.name === name && c.state && 'terminated' in c.state) ?? false;

it('what had completed is not run again', async () => {
  const spec = { restartPolicy: 'OnFailure', containers: [container('done'), container('busy')] };
  const node = new ScriptedNode({ done: [0] });
  await stage.play({ name: 'completed', spec }, node, async (pod) => {
    await pod.until((s) => isOver('done')(s) && s.containerStatuses?.[1]?.state?.running !== undefined);
    await lose(pod);
    const status = await pod.until((s) => s.containerStatuses?.find((c) => c.name === 'busy')?.restartCount === 1);
    expect(summary(status).slice(1).sort()).toEqual(['busy Running 1', 'done Completed 0']);
  });
  expect(node.calls.filter((call) => call.startsWith('start') || call.startsWith('sandbox')).sort()).toEqual([
    'sandbox 0',
    'sandbox 1',
    'start busy 0',
    'start busy 1',
    'start done 0',
  ]);
});

it('with restartPolicy Never what had failed is not run again, and what had not started is', async () => {
  const pull = { outcome: 'failed', reason: 'ErrImagePull', message: 'no such host', retry: true } as const;
  const spec = { restartPolicy: 'Never', containers: [container('failed'), container('unpulled')] };
  const node = new ScriptedNode({ failed: [1], unpulled: [{ outcome: 'image-missing' }] });
  node.pulls = [pull];
  await stage.play({ name: 'never-again', spec }, node, async (pod) => {
    await pod.until((s) => s.containerStatuses?.some((c) => c.state?.waiting?.reason === 'ImagePullBackOff') ?? false);
    await lose(pod);
    const status = await pod.until(
      (s) => s.containerStatuses?.find((c) => c.name === 'unpulled')?.state?.running !== undefined,
    );
    expect(summary(status).slice(1).sort()).toEqual(['failed Error 0', 'unpulled Running 0']);
  });
  expect(node.calls.filter((call) => call.startsWith('start failed'))).toEqual(['start failed 0']);
});

it('a Pod of which nothing is left to run ends as it would have', async () => {
  const proxy = container('proxy', {
    restartPolicy: 'Always',
    lifecycle: { preStop: { exec: { command: ['drain'] } } },
  });
  const spec = { restartPolicy: 'Never', initContainers: [proxy], containers: [container('main')] };
  const node = new ScriptedNode({});
  await stage.play({ name: 'ending', spec }, node, async (pod) => {
    await pod.until(isReady);
    node.hookMs = 2_000;
    await pod.exit('main', 0);
    await pod.until(isOver('main'));
    await lose(pod);
    await pod.until((s) => s.phase === 'Succeeded');
  });
  expect(node.calls.filter((call) => /^(sandbox|start|stop sandbox)/.test(call))).toEqual([
    'sandbox 0',
    'start proxy 0',
    'start main 0',
    'stop sandbox',
  ]);
});

it('an ephemeral container that had ended stays so', async () => {
  const node = new ScriptedNode({ debug: [0] });
  await stage.play({ name: 'debugged', spec: { containers: [container('main')] } }, node, async (pod) => {
    await pod.until(isReady);
    await pod.change((p) => ({
      ...p,
      spec: { ...p.spec, ephemeralContainers: [container('debug', { imagePullPolicy: 'IfNotPresent' })] },
    }));
    await pod.until((s) => s.ephemeralContainerStatuses?.[0]?.state?.terminated !== undefined);
    await lose(pod);
    const status = await pod.until((s) => s.containerStatuses?.[0]?.restartCount === 1 && isReady(s));
    expect(status.ephemeralContainerStatuses?.[0]).toMatchObject({
      restartCount: 0,
      state: { terminated: { exitCode: 0 } },
    });
  });
  expect(node.calls.filter((call) => call.startsWith('start debug'))).toEqual(['start debug 0']);
});

it('main containers wait for sidecars again', async () => {
  const startupProbe = { exec: { command: ['true'] } };
  const proxy = container('proxy', { restartPolicy: 'Always', startupProbe });
  const node = new ScriptedNode({});
  const started = async (pod: LivePod) => {
    const { containerID: id } = (await pod.until((s) => s.initContainerStatuses?.[0]?.state?.running !== undefined))
      .initContainerStatuses![0]!;
    await pod.handle.signal('probeChanged', { container: 'proxy', id, kind: 'startup', ok: true, message: '' });
  };
  const spec = { initContainers: [proxy], containers: [container('main')] };
  await stage.play({ name: 'gated', spec }, node, async (pod) => {
    await started(pod);
    await pod.until(isReady);
    await lose(pod);
    await pod.until((s) => s.initContainerStatuses?.[0]?.restartCount === 1);
    await pod.sleep('5s');
    expect(node.calls).not.toContain('start main 1');
    await started(pod);
    await pod.until((s) => s.containerStatuses?.[0]?.restartCount === 1 && isReady(s));
  });
});
