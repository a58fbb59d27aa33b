import { describe, expect, it } from 'vitest';
import { isReady, type LivePod, ScriptedNode, summary } from '../test/stage.ts';
import { useStage } from '../test/use-stage.ts';

const stage = useStage();

const container = (name: string, more: object = {}) => ({ name, image: 'busybox:v1', ...more });
const SPEC = {
  initContainers: [container('a'), container('b')],
  containers: [container('x')],
  terminationGracePeriodSeconds: 1,
};

/** The activities scheduled so far, by their summaries. */
async function scheduled(pod: LivePod): Promise<string[]> {
  const { events } = await pod.handle.fetchHistory();
  return (events ?? [])
    .filter((e) => e.activityTaskScheduledEventAttributes)
    .map((e) => JSON.parse(Buffer.from(e.userMetadata?.summary?.data ?? []).toString()) as string);
}

async function untilScheduled(pod: LivePod, list: string[]): Promise<void> {
  await expect.poll(() => scheduled(pod), { timeout: 10_000 }).toEqual(list);
}

describe('a start', () => {
  it('is ordered while the step before is under way, and waits on the node for its turn', async () => {
    const node = new ScriptedNode({ a: [0], b: [0] });
    const first = Promise.withResolvers<void>();
    node.held.set('a', first.promise);
    await stage.play({ name: 'ahead', spec: SPEC }, node, async (pod) => {
      const whileHeld = ['sandbox', 'init 1/2 a, attempt 1', 'init 2/2 b, attempt 1'];
      await untilScheduled(pod, whileHeld);
      expect(node.calls).toEqual(['sandbox 0', 'start a 0']);
      first.resolve();
      await pod.until(isReady);
      expect(await scheduled(pod)).toEqual([...whileHeld, 'x, attempt 1']);
      expect(node.calls).toEqual(['sandbox 0', 'start a 0', 'start b 0', 'start x 0']);
    });
  });

  it('whose turn does not come in time is ordered again when it does', async () => {
    const node = new ScriptedNode({ a: ['runs'], b: [0] });
    await stage.play({ name: 'late', spec: SPEC }, node, async (pod) => {
      await pod.until((s) => s.initContainerStatuses?.[0]?.state?.running !== undefined);
      expect(node.calls).toEqual(['sandbox 0', 'start a 0']);
      await pod.exit('a', 0);
      await pod.until(isReady);
      expect(node.calls).toEqual(['sandbox 0', 'start a 0', 'start b 0', 'start x 0']);
    });
  });

  it('that was made once more because the first was cut off is told, and counts for one', async () => {
    const started = { imageId: 'sha256:1', image: 'busybox:v1', startedAt: '2026-11-26T03:43:40.966Z' };
    const node = new ScriptedNode({
      a: [0],
      b: [0],
      x: [{ outcome: 'started', id: 'sim://x', ...started, again: true }],
    });
    await stage.play({ name: 'again', spec: SPEC }, node, async (pod) => {
      const status = await pod.until(isReady);
      expect(status.containerStatuses?.[0]).toMatchObject({ restartCount: 0, lastState: {} });
      expect((await pod.events()).filter((line) => line.startsWith('Warning'))).toEqual([
        expect.stringMatching(
          /^Warning Failed x1 The container runtime was lost while the container was being started/,
        ),
      ]);
    });
  });

  it('does not follow an init container that failed', async () => {
    const node = new ScriptedNode({ a: [1, 0], b: [0] });
    await stage.play({ name: 'fails-once', spec: SPEC }, node, async (pod) => {
      await pod.until(isReady);
      const starts = ['start a 0', 'start a 1', 'start b 0', 'start x 0'];
      expect(node.calls).toEqual(['sandbox 0', ...starts]);
    });
  });

  it('is not ordered ahead where its image is to be pulled first, nor in a Pod that starts anew', async () => {
    const node = new ScriptedNode({ a: [0, 0] });
    const spec = { initContainers: [container('a')], containers: [container('x', { imagePullPolicy: 'Always' })] };
    await stage.play({ name: 'pulled', spec }, node, async (pod) => {
      await pod.until(isReady);
      expect(await scheduled(pod)).toEqual([
        'sandbox',
        'init 1/1 a, attempt 1',
        'pull busybox:v1 for x',
        'x, attempt 1',
      ]);
      await pod.handle.signal('sandboxLost', { sandboxId: 'sandbox-0', message: 'rebooted' });
      await pod.until((s) => isReady(s) && s.containerStatuses?.[0]?.restartCount === 1);
      const again = ['init 1/1 a, attempt 2', 'pull busybox:v1 for x', 'x, attempt 2'];
      expect((await scheduled(pod)).slice(-4)).toEqual(['sandbox, attempt 2', ...again]);
    });
  });

  it('that was ordered ahead and came about is ended with the Pod, also when the Pod is deleted before its turn', async () => {
    const node = new ScriptedNode({ a: [0], b: [0] });
    const main = Promise.withResolvers<void>();
    node.held.set('x', main.promise);
    await stage.play({ name: 'deleted', spec: SPEC }, node, async (pod) => {
      await expect.poll(() => node.calls).toContain('start x 0');
      await pod.delete();
      main.resolve();
      await pod.handle.result();
      expect(await pod.exists()).toBe(false);
    });
    expect(node.calls).toEqual(['sandbox 0', 'start a 0', 'start b 0', 'start x 0', 'stop x', 'remove']);
  });

  it('keeps the image it was ordered with, until the container is started anew with another', async () => {
    const node = new ScriptedNode({ a: [0], b: [0] });
    const held = Promise.withResolvers<void>();
    node.held.set('b', held.promise);
    await stage.play({ name: 'image', spec: SPEC }, node, async (pod) => {
      await untilScheduled(pod, ['sandbox', 'init 1/2 a, attempt 1', 'init 2/2 b, attempt 1', 'x, attempt 1']);
      await pod.change((p) => {
        const [x, ...rest] = p.spec.containers;
        return { ...p, spec: { ...p.spec, containers: [{ ...x!, image: 'busybox:v2' }, ...rest] } };
      });
      held.resolve();
      await pod.until((s) => isReady(s) && s.containerStatuses?.[0]?.restartCount === 1);
      expect(summary(await pod.status()).slice(-1)).toEqual(['x Running 1']);
    });
  });

  it('may be known later than what a probe says of the container', async () => {
    const node = new ScriptedNode({});
    const held = Promise.withResolvers<void>();
    node.held.set('x', held.promise);
    const spec = { containers: [container('x', { readinessProbe: { exec: { command: ['true'] } } })] };
    await stage.play({ name: 'early-probe', spec }, node, async (pod) => {
      await expect.poll(() => node.calls).toContain('start x 0');
      const change = { container: 'x', kind: 'readiness', ok: true, message: '' };
      await pod.handle.signal('probeChanged', { ...change, id: 'sim://x-of-before', ok: false });
      await pod.handle.signal('probeChanged', { ...change, id: 'sim://x-0' });
      held.resolve();
      await pod.until(isReady);
    });
  });
});
