import { expect, it } from 'vitest';
import type { StartResult } from '../pod/contract.ts';
import { isReady, ScriptedNode } from '../test/stage.ts';
import { useStage } from '../test/use-stage.ts';

const stage = useStage();

const container = (name: string, more: object = {}) => ({ name, image: 'busybox:v1', ...more });
const missing = (reason: string): StartResult => ({ outcome: 'failed', reason, message: 'not there', retry: true });

/** Milliseconds between the starts of a container, as the server's clock has them. */
function timed(node: ScriptedNode): () => number[] {
  const at: number[] = [];
  const { startContainer } = node.activities;
  node.activities.startContainer = async (input) => {
    at.push(await node.clock());
    return startContainer(input);
  };
  return () => at.slice(1).map((time, i) => Math.round((time - at[i]!) / 1000));
}

it('looks for what is missing within ten seconds, however long it has been missing', async () => {
  const node = new ScriptedNode({ main: Array(8).fill(missing('CreateContainerConfigError')) });
  const pauses = timed(node);
  await stage.play({ name: 'missing', spec: { containers: [container('main')] } }, node, async (pod) => {
    await pod.until(isReady);
  });
  expect(pauses()).toEqual([1, 2, 4, 8, 10, 10, 10, 10]);
});

it('looks again at once for what came while it looked', async () => {
  const node = new ScriptedNode({ main: [...Array(5).fill(missing('CreateContainerConfigError')), 'runs'] });
  const pauses = timed(node);
  const { startContainer } = node.activities;
  await stage.play({ name: 'came', spec: { containers: [container('main')] } }, node, async (pod) => {
    let starts = 0;
    node.activities.startContainer = async (input) => {
      if (++starts === 5) await pod.handle.signal('lookAgain');
      return startContainer(input);
    };
    await pod.until(isReady);
  });
  expect(pauses()).toEqual([1, 2, 4, 8, 0]);
});

it.each([
  [2, 1],
  [3, 2],
])('a run of sequence %i that is told to look again has looked %i times', async (version, looks) => {
  const final: StartResult = { outcome: 'failed', reason: 'CreateContainerConfigError', message: 'no', retry: false };
  const node = new ScriptedNode({ main: [final, final] });
  const spec = { containers: [container('main')] };
  await stage.play({ name: `told-${version}`, spec, version }, node, async (pod) => {
    await pod.until((s) => s.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError');
    await pod.handle.signal('lookAgain');
    await pod.sleep('1m');
  });
  expect(node.calls.filter((call) => call === 'start main 0')).toHaveLength(looks);
});

it('looks every ten seconds for an image that is never pulled', async () => {
  const node = new ScriptedNode({ main: Array(4).fill({ outcome: 'image-missing' }) });
  const pauses = timed(node);
  const spec = { containers: [container('main', { imagePullPolicy: 'Never' })] };
  await stage.play({ name: 'never-pulled', spec }, node, async (pod) => {
    await pod.until(isReady);
  });
  expect(pauses()).toEqual([10, 10, 10, 10]);
});

it("a new image does not inherit its predecessor's back-off", async () => {
  const node = new ScriptedNode({ main: [1, 1, 1, 1, 'runs'] });
  const pauses = timed(node);
  await stage.play({ name: 'new-image', spec: { containers: [container('main')] } }, node, async (pod) => {
    await pod.until(
      (s) => s.containerStatuses?.[0]?.restartCount === 2 && s.containerStatuses[0].state?.waiting !== undefined,
    );
    await pod.change((p) => ({ ...p, spec: { ...p.spec, containers: [{ ...p.spec.containers[0]!, image: 'v2' }] } }));
    const status = await pod.until(isReady);
    expect(status.containerStatuses?.[0]).toMatchObject({ image: 'v2', restartCount: 4 });
  });
  const [first, second, ofNewImage, afterItsFailure] = pauses();
  expect([first, second, afterItsFailure]).toEqual([0, 10, 0]);
  expect(ofNewImage).toBeLessThan(20);
});
