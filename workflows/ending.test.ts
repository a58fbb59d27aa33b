import { expect, it } from 'vitest';
import { isReady, ScriptedNode, summary } from '../test/stage.ts';
import { useStage } from '../test/use-stage.ts';

const stage = useStage();

const container = (name: string, more: object = {}) => ({ name, image: 'busybox:v1', ...more });
const sidecar = (name: string, more: object = {}) => container(name, { restartPolicy: 'Always', ...more });
const HOOK = { preStop: { exec: { command: ['drain'] } } };

it('begins nothing more once the main containers have ended: not a sidecar in its back-off either', async () => {
  const spec = { restartPolicy: 'Never', initContainers: [sidecar('proxy')], containers: [container('main')] };
  const node = new ScriptedNode({ proxy: ['runs', 1] });
  await stage.play({ name: 'sidecar-backs-off', spec }, node, async (pod) => {
    await pod.until(isReady);
    await pod.exit('proxy', 1);
    await pod.until((s) => s.initContainerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff');
    await pod.exit('main', 0);
    await pod.until((s) => s.phase === 'Succeeded');
    await pod.sleep('10m');
    expect(summary(await pod.status()).slice(1)).toEqual(['proxy ContainerStatusUnknown 1', 'main Completed 0']);
  });
  expect(node.calls).toEqual(['sandbox 0', 'start proxy 0', 'start main 0', 'start proxy 1', 'stop sandbox', 'remove']);
});

it('starts no ephemeral container in a Pod that is over', async () => {
  const node = new ScriptedNode({ main: [0] });
  const spec = { restartPolicy: 'Never', containers: [container('main')] };
  await stage.play({ name: 'debug-late', spec }, node, async (pod) => {
    await pod.until((s) => s.phase === 'Succeeded');
    await pod.change((p) => ({
      ...p,
      spec: { ...p.spec, ephemeralContainers: [container('debug', { imagePullPolicy: 'IfNotPresent' })] },
    }));
    await pod.sleep('10m');
  });
  expect(node.calls).toEqual(['sandbox 0', 'start main 0', 'stop sandbox', 'remove']);
});

it("begins the hooks of sidecars with the others', and ends sidecars in their turn", async () => {
  const spec = {
    initContainers: [sidecar('one', { lifecycle: HOOK }), sidecar('two', { lifecycle: HOOK })],
    containers: [container('main', { lifecycle: HOOK })],
  };
  const node = new ScriptedNode({});
  node.hookMs = 300;
  await stage.play({ name: 'hooks-together', spec }, node, async (pod) => {
    await pod.until(isReady);
    await pod.delete(30);
    await pod.handle.result();
  });
  const [sandbox, , , , ...ends] = node.calls;
  expect([sandbox, ...ends.slice(0, 3).sort(), ...ends.slice(3)]).toEqual([
    'sandbox 0',
    'preStop main',
    'preStop one',
    'preStop two',
    'stop main',
    'stop two',
    'stop one',
    'remove',
  ]);
});

it('runs no hook when there is no grace period', async () => {
  const node = new ScriptedNode({});
  await stage.play(
    { name: 'no-grace', spec: { containers: [container('main', { lifecycle: HOOK })] } },
    node,
    async (pod) => {
      await pod.until(isReady);
      await pod.delete(0);
      await pod.handle.result();
    },
  );
  expect(node.calls).toEqual(['sandbox 0', 'start main 0', 'stop main', 'remove']);
});

it('leaves containers no time when a rule restarts all of them', async () => {
  const rule = { action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } };
  const source = container('source', { restartPolicy: 'Never', restartPolicyRules: [rule] });
  const node = new ScriptedNode({});
  const spec = { restartPolicy: 'Never', containers: [source, container('other', { lifecycle: HOOK })] };
  await stage.play({ name: 'restart-all', spec }, node, async (pod) => {
    await pod.until(isReady);
    // Times of conditions are in whole seconds.
    await pod.sleep('2s');
    await pod.exit('source', 42);
    const status = await pod.until((s) => isReady(s) && s.containerStatuses?.[1]?.restartCount === 1);
    const [scheduled, restarting] = status.conditions?.slice(4) ?? [];
    expect([restarting?.type, restarting?.status]).toEqual(['AllContainersRestarting', 'False']);
    // It was True meanwhile.
    expect(restarting?.lastTransitionTime).not.toBe(scheduled?.lastTransitionTime);
    expect(summary(status).slice(1)).toEqual(['source Running 1', 'other Running 1']);
  });
  expect(node.calls.filter((call) => call.includes('other'))).toEqual([
    'start other 0',
    'stop other',
    'start other 1',
    'stop other',
  ]);
});

it('restarts all containers also when a sidecar asks for it', async () => {
  const rule = { action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } };
  const watcher = sidecar('watcher', { restartPolicyRules: [rule] });
  const spec = { restartPolicy: 'Never', initContainers: [watcher], containers: [container('main')] };
  const node = new ScriptedNode({});
  await stage.play({ name: 'sidecar-asks', spec }, node, async (pod) => {
    await pod.until(isReady);
    await pod.exit('watcher', 42);
    const status = await pod.until((s) => isReady(s) && s.containerStatuses?.[0]?.restartCount === 1, 40);
    expect(summary(status).slice(1)).toEqual(['watcher Running 1', 'main Running 1']);
  });
});
