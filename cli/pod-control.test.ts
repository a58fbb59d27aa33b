import { afterAll, beforeAll, expect, it } from 'vitest';
import { failureStatus } from '../api/errors.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { isReady, openStage, ScriptedNode, type Stage } from '../test/stage.ts';
import { podControl } from './pod-control.ts';

const store = openSqliteStore(':memory:');
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await stage.close();
  await store.close();
});

it('answers with a Conflict and its reason where nothing comes of a restart, and with what was wrong', async () => {
  const container = (name: string) => ({ name, image: 'busybox:v1' });
  const spec = { restartPolicy: 'Never', initContainers: [container('init')], containers: [container('main')] };
  await stage.play({ name: 'ends', spec }, new ScriptedNode({ init: [0] }), async (live) => {
    const control = podControl(stage.env.client, store);
    const { ref: pod } = live;
    const answerOf = (act: Promise<void>) => act.then(() => 'done', failureStatus);
    const conflict = (reason: string, message: string) => ({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason: 'Conflict',
      details: { name: 'ends', kind: 'pods', uid: pod.uid, causes: [{ reason, message }] },
      code: 409,
    });
    await live.until(isReady);
    expect(await answerOf(control.restartContainer({ pod, container: 'init' }))).toEqual(
      conflict(
        'ContainerNotRunning',
        'container "init" has ended for good (Completed): restart the Pod, which runs it again',
      ),
    );
    expect(await answerOf(control.restartContainer({ pod, container: 'nope' }))).toMatchObject({
      code: 400,
      message: 'container "nope" not found; the Pod has: init, main',
    });
    await live.exit('main', 0);
    await live.until((s) => s.phase === 'Succeeded');
    const over = conflict('PodNotRunning', 'pod "ends" is over (Succeeded): delete it and create it again');
    expect(await answerOf(control.restartPod({ pod }))).toEqual(over);
    expect(await answerOf(control.restartContainer({ pod, container: 'main' }))).toEqual(over);
  });
});
