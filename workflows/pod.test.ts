import { describe, expect, it } from 'vitest';
import { isReady, ScriptedNode, summary } from '../test/stage.ts';
import { useStage } from '../test/use-stage.ts';

const stage = useStage();

const container = (name: string, more: object = {}) => ({ name, image: 'busybox:v1', ...more });
const TWO_INITS = {
  initContainers: [container('a'), container('b')],
  containers: [container('main')],
  terminationGracePeriodSeconds: 1,
};
const READY = 'Running [PodReadyToStartContainers Initialized Ready ContainersReady PodScheduled]';

describe('a Pod', () => {
  it('runs its init containers in order, then the main one, and is removed when it is deleted', async () => {
    const node = new ScriptedNode({ a: [0], b: [0] });
    await stage.play({ name: 'plain', spec: TWO_INITS }, node, async (pod) => {
      expect(summary(await pod.until(isReady))).toEqual([READY, 'a Completed 0', 'b Completed 0', 'main Running 0']);
      await pod.delete();
      await pod.handle.result();
      expect(await pod.exists()).toBe(false);
    });
    expect(node.calls).toEqual(['sandbox 0', 'start a 0', 'start b 0', 'start main 0', 'stop main', 'remove']);
  });

  it('fails with restartPolicy Never when an init container fails; main containers never start', async () => {
    const node = new ScriptedNode({ a: [3] });
    await stage.play({ name: 'never', spec: { ...TWO_INITS, restartPolicy: 'Never' } }, node, async (pod) => {
      const status = await pod.until((s) => s.phase === 'Failed');
      expect(summary(status)).toEqual([
        'Failed [PodScheduled]',
        'a Error 0',
        'b PodInitializing 0',
        'main PodInitializing 0',
      ]);
      expect(status.initContainerStatuses?.[0]?.state?.terminated?.exitCode).toBe(3);
    });
    expect(node.calls).toEqual(['sandbox 0', 'start a 0', 'stop sandbox', 'remove']);
  });

  it('repeats a failing init container with back-off: at once, after 10 s, after 20 s', async () => {
    const node = new ScriptedNode({ a: [1, 1, 1, 0], b: [0] });
    await stage.play({ name: 'loop', spec: TWO_INITS }, node, async (pod) => {
      const looping = await pod.until(
        (s) => s.initContainerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
      );
      expect(summary(looping)).toEqual([
        'Pending [PodReadyToStartContainers PodScheduled]',
        'a CrashLoopBackOff 1',
        'b PodInitializing 0',
        'main PodInitializing 0',
      ]);
      expect(looping.initContainerStatuses?.[0]?.state?.waiting?.message).toBe(
        `back-off 10s restarting failed container=a pod=loop_default(${pod.ref.uid})`,
      );
      expect(summary(await pod.until(isReady))).toEqual([READY, 'a Completed 3', 'b Completed 0', 'main Running 0']);
    });
  });

  it('shows a container as running once its postStart hook is done', async () => {
    const node = new ScriptedNode({});
    node.hookMs = 1_500;
    const lifecycle = { postStart: { exec: { command: ['true'] } } };
    await stage.play({ name: 'hook', spec: { containers: [container('main', { lifecycle })] } }, node, async (pod) => {
      const { state } = (await pod.until((s) => s.containerStatuses?.[0]?.containerID !== undefined))
        .containerStatuses![0]!;
      expect(state).toEqual({ waiting: { reason: 'ContainerCreating' } });
      expect(summary(await pod.until(isReady))).toEqual([READY, 'main Running 0']);
    });
    expect(node.calls.slice(0, 3)).toEqual(['sandbox 0', 'start main 0', 'postStart main']);
  });

  it('says in an event and in the timeline why a hook failed and what it printed', async () => {
    const node = new ScriptedNode({});
    node.hookResult = { ok: false, message: 'the command exited with 3', output: 'no disk\n' };
    const lifecycle = { postStart: { exec: { command: ['mount'] } } };
    const spec = { restartPolicy: 'Never', containers: [container('main', { lifecycle })] };
    const why = 'PostStartHook failed: the command exited with 3, it printed "no disk\\n"';
    await stage.play({ name: 'hook-fails', spec }, node, async (pod) => {
      await pod.until((s) => s.phase === 'Failed');
      expect((await pod.events()).filter((e) => e.includes('Hook'))).toEqual([
        `Warning FailedPostStartHook x1 ${why}`,
        'Normal Killing x1 FailedPostStartHook',
      ]);
      expect((await pod.timeline()).filter((e) => e.includes('Hook'))).toEqual([
        `FailedPostStartHook: ${why}`,
        'Killing: FailedPostStartHook',
      ]);
    });
    expect(node.calls.slice(0, 4)).toEqual(['sandbox 0', 'start main 0', 'postStart main', 'stop main']);
  });

  it('keeps in the timeline alone what a hook printed that succeeded', async () => {
    const node = new ScriptedNode({});
    node.hookResult = { ok: true, message: '', output: 'warm' };
    const exec = { command: ['warm-up'] };
    const hooked = container('main', { lifecycle: { postStart: { exec }, preStop: { exec } } });
    await stage.play({ name: 'hook-prints', spec: { containers: [hooked] } }, node, async (pod) => {
      await pod.until(isReady);
      await pod.delete();
      await pod.handle.result();
      expect((await pod.events()).filter((e) => e.includes('Hook'))).toEqual([]);
      expect((await pod.timeline()).filter((e) => e.includes('Hook'))).toEqual([
        'PostStartHook: PostStartHook succeeded: it printed "warm"',
        'PreStopHook: PreStopHook succeeded: it printed "warm"',
      ]);
    });
  });

  it('restarts a main container that ends, and keeps how it ended', async () => {
    const node = new ScriptedNode({});
    await stage.play({ name: 'restart', spec: { containers: [container('main')] } }, node, async (pod) => {
      await pod.until(isReady);
      await pod.exit('main', 7);
      const status = await pod.until((s) => s.containerStatuses?.[0]?.restartCount === 1);
      expect(summary(status)).toEqual([READY, 'main Running 1']);
      expect(status.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(7);
    });
  });

  it.each([
    ['Never', 0, 'Succeeded'],
    ['Never', 1, 'Failed'],
    ['OnFailure', 0, 'Succeeded'],
  ])('with restartPolicy %s and exit code %i is %s', async (restartPolicy, code, phase) => {
    const spec = { restartPolicy, containers: [container('main')] };
    const node = new ScriptedNode({});
    await stage.play({ name: `end-${restartPolicy.toLowerCase()}-${code}`, spec }, node, async (pod) => {
      await pod.until(isReady);
      await pod.exit('main', code);
      const status = await pod.until((s) => s.phase === phase);
      expect(status.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(code);
    });
    expect(node.calls).toEqual(['sandbox 0', 'start main 0', 'stop sandbox', 'remove']);
  });

  it('starts sidecars in order, keeps them beside the main containers and ends them last, in reverse', async () => {
    const spec = {
      restartPolicy: 'Never',
      initContainers: [
        container('one', { restartPolicy: 'Always' }),
        container('init'),
        container('two', { restartPolicy: 'Always' }),
      ],
      containers: [container('main')],
    };
    const node = new ScriptedNode({ init: [0] });
    await stage.play({ name: 'sidecars', spec }, node, async (pod) => {
      expect(summary(await pod.until(isReady))).toEqual([
        READY,
        'one Running 0',
        'init Completed 0',
        'two Running 0',
        'main Running 0',
      ]);
      await pod.exit('main', 0);
      await pod.until((s) => s.phase === 'Succeeded');
    });
    expect(node.calls).toEqual([
      'sandbox 0',
      'start one 0',
      'start init 0',
      'start two 0',
      'start main 0',
      'stop two',
      'stop one',
      'stop sandbox',
      'remove',
    ]);
  });

  it('pulls what is missing, and backs off when it cannot be had', async () => {
    const missing = { outcome: 'image-missing' } as const;
    const node = new ScriptedNode({ main: [missing, missing, 'runs'] });
    node.pulls = [{ outcome: 'failed', reason: 'ErrImagePull', message: 'no such host', retry: true }];
    await stage.play({ name: 'pull', spec: { containers: [container('main')] } }, node, async (pod) => {
      const status = await pod.until((s) => s.containerStatuses?.[0]?.state?.waiting?.reason === 'ImagePullBackOff');
      expect(status.containerStatuses?.[0]?.state?.waiting?.message).toBe(
        'Back-off pulling image "busybox:v1": no such host',
      );
      await pod.until(isReady);
    });
    expect(node.calls.slice(0, 6)).toEqual([
      'sandbox 0',
      'start main 0',
      'pull busybox:v1',
      'start main 0',
      'pull busybox:v1',
      'start main 0',
    ]);
  });

  it('runs every init container again when its sandbox is lost', async () => {
    const node = new ScriptedNode({ a: [0, 0], b: [0, 0] });
    await stage.play({ name: 'lost', spec: TWO_INITS }, node, async (pod) => {
      await pod.until(isReady);
      await pod.handle.signal('sandboxLost', { sandboxId: 'sandbox-0', message: 'rebooted' });
      const status = await pod.until((s) => s.containerStatuses?.[0]?.restartCount === 1 && isReady(s));
      expect(summary(status)).toEqual([READY, 'a Completed 1', 'b Completed 1', 'main Running 1']);
    });
    expect(node.calls).toEqual([
      'sandbox 0',
      'start a 0',
      'start b 0',
      'start main 0',
      'stop main',
      'sandbox 1',
      'start a 1',
      'start b 1',
      'start main 1',
      'stop main',
      'remove',
    ]);
  });

  it("restarts one container when its image changes, the Pod when an init container's does", async () => {
    const node = new ScriptedNode({ a: [0, 0], b: [0, 0] });
    await stage.play({ name: 'image', spec: TWO_INITS }, node, async (pod) => {
      await pod.until(isReady);
      await pod.change((p) => ({
        ...p,
        spec: { ...p.spec, containers: [{ ...p.spec.containers[0]!, image: 'busybox:v2' }] },
      }));
      await pod.until((s) => s.containerStatuses?.[0]?.restartCount === 1 && isReady(s));
      await pod.change((p) => ({
        ...p,
        spec: {
          ...p.spec,
          initContainers: [{ ...p.spec.initContainers![0]!, image: 'busybox:v2' }, p.spec.initContainers![1]!],
        },
      }));
      await pod.until((s) => s.initContainerStatuses?.[0]?.restartCount === 1 && isReady(s));
    });
    expect(node.calls).toEqual([
      'sandbox 0',
      'start a 0',
      'start b 0',
      'start main 0',
      'stop main',
      'start main 1',
      'stop main',
      'sandbox 1',
      'start a 1',
      'start b 1',
      'start main 2',
      'stop main',
      'remove',
    ]);
  });

  it('restarts a container that fails its liveness probe, also one that then ends with 0', async () => {
    const probed = container('main', { livenessProbe: { exec: { command: ['true'] } } });
    const spec = { restartPolicy: 'OnFailure', containers: [probed] };
    const node = new ScriptedNode({});
    node.stopCode = 0;
    await stage.play({ name: 'liveness', spec }, node, async (pod) => {
      const id = (await pod.until(isReady)).containerStatuses?.[0]?.containerID;
      const change = { container: 'main', id, kind: 'liveness', ok: false, message: 'no answer' };
      await pod.handle.signal('probeChanged', change);
      const status = await pod.until((s) => s.containerStatuses?.[0]?.restartCount === 1 && isReady(s));
      expect(status.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(0);
      // The event is the node's, which sees each probe.
      expect((await pod.events()).filter((e) => e.includes('Unhealthy'))).toEqual([]);
      expect(await pod.timeline()).toContain('Unhealthy: Liveness probe failed: no answer');
    });
    expect(node.calls).toEqual(['sandbox 0', 'start main 0', 'stop main', 'start main 1', 'stop main', 'remove']);
  });

  it('creates a file by signal once the container runs, and says by update why it cannot', async () => {
    const node = new ScriptedNode({ a: ['runs'], b: [0] });
    await stage.play({ name: 'files', spec: TWO_INITS }, node, async (pod) => {
      await pod.handle.signal('createFile', { container: 'a', path: '/root/myapp', content: 'hello' });
      await pod.until((s) => s.initContainerStatuses?.[0]?.state?.running !== undefined);
      await pod.exit('a', 0);
      await pod.until(isReady);
      const late = await pod.handle.executeUpdate('createFile', { args: [{ container: 'a', path: '/x' }] });
      expect(late).toEqual({
        created: false,
        reason: 'ContainerNotRunning',
        message: 'container "a" has ended (Completed)',
      });
      await expect(
        pod.handle.executeUpdate('createFile', { args: [{ container: 'nope', path: '/x' }] }),
      ).rejects.toThrow();
    });
    expect(node.calls).toContain('file a /root/myapp hello');
  });

  it('ends a Pod that is active for too long', async () => {
    const spec = { ...TWO_INITS, activeDeadlineSeconds: 60 };
    const node = new ScriptedNode({ a: [0], b: [0] });
    await stage.play({ name: 'deadline', spec }, node, async (pod) => {
      const status = await pod.until((s) => s.phase === 'Failed');
      expect(status).toMatchObject({ reason: 'DeadlineExceeded' });
    });
    expect(node.calls).toEqual([
      'sandbox 0',
      'start a 0',
      'start b 0',
      'start main 0',
      'stop main',
      'stop sandbox',
      'remove',
    ]);
  });

  it('fails when the node evicts it, once and at once whatever its grace period is', async () => {
    const node = new ScriptedNode({});
    const spec = { containers: [container('main')], terminationGracePeriodSeconds: 600 };
    const message = 'Usage of EmptyDir volume "data" exceeds the limit "1Mi". ';
    await stage.play({ name: 'evicted', spec }, node, async (pod) => {
      await pod.until(isReady);
      for (let i = 0; i < 2; i++) await pod.handle.signal('evicted', { message });
      const status = await pod.until((s) => s.containerStatuses?.[0]?.state?.terminated !== undefined);
      await pod.handle.signal('evicted', { message: 'late' });
      expect(status).toMatchObject({ phase: 'Failed', reason: 'Evicted', message });
      await pod.sleep('1s');
      expect(await pod.status()).toMatchObject({ reason: 'Evicted', message });
      expect((await pod.events()).filter((line) => line.includes('Evicted'))).toEqual([
        `Warning Evicted x1 ${message}`,
      ]);
    });
    expect(node.calls).toEqual(['sandbox 0', 'start main 0', 'stop main', 'stop sandbox', 'remove']);
  });

  it('says that it is disrupted when it has to make room', async () => {
    const node = new ScriptedNode({});
    const message = 'The node was low on resource: memory. ';
    await stage.play({ name: 'disrupted', spec: { containers: [container('main')] } }, node, async (pod) => {
      await pod.until(isReady);
      await pod.handle.signal('evicted', { message, byPressure: true });
      const status = await pod.until((s) => s.phase === 'Failed');
      expect(status).toMatchObject({ reason: 'Evicted', message });
      expect(status.conditions?.at(-1)).toMatchObject({
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'TerminationByKubelet',
        message,
      });
    });
  });

  it('is deleted in the middle of a back-off, and by force', async () => {
    const node = new ScriptedNode({ a: [1, 1] });
    await stage.play({ name: 'midway', spec: TWO_INITS }, node, async (pod) => {
      await pod.until((s) => s.initContainerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff');
      await pod.force();
      await pod.handle.result();
    });
    expect(node.calls).toEqual(['sandbox 0', 'start a 0', 'start a 1', 'remove']);
  });

  it('goes on unchanged after continue-as-new at any moment', async () => {
    const node = new ScriptedNode({ a: [1, 1, 0], b: [0], main: ['runs'] });
    const input = { name: 'renewed', spec: TWO_INITS, continueAfterEvents: 5 };
    await stage.play(input, node, async (pod) => {
      const status = await pod.until(isReady);
      expect(summary(status)).toEqual([READY, 'a Completed 2', 'b Completed 0', 'main Running 0']);
      await pod.exit('main', 1);
      await pod.until((s) => s.containerStatuses?.[0]?.restartCount === 1);
      const description = await pod.handle.describe();
      expect(description.raw.workflowExecutionInfo?.firstRunId).not.toBe(description.runId);
    });
    expect(node.calls.filter((c) => c.startsWith('start'))).toEqual([
      'start a 0',
      'start a 1',
      'start a 2',
      'start b 0',
      'start main 0',
      'start main 1',
    ]);
  });
});
