import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { containerSpec, sandboxSpec } from '../fixtures.ts';
import { type ContainerSpec, type Runtime, RuntimeError, type RuntimeEvent } from '../port.ts';
import { runtimeSuite } from '../suite.ts';
import { ManualClock } from './clock.ts';
import { SCRIPT_ANNOTATION } from './container.ts';
import { openSimRuntime } from './runtime.ts';
import { SimWorld } from './world.ts';

const IMAGE = 'docker.io/library/busybox:v1';

runtimeSuite('sim', async () => {
  const world = new SimWorld({ images: { present: [IMAGE], pullable: [IMAGE] } });
  const directory = await mkdtemp(join(tmpdir(), 'sim-'));
  return {
    runtime: openSimRuntime({ world }),
    directory,
    image: IMAGE,
    reopen: async () => openSimRuntime({ world }),
    close: () => rm(directory, { recursive: true }),
  };
});

describe('sim: in a time of its own', () => {
  let directory: string;
  let clock: ManualClock;
  let world: SimWorld;
  let runtime: Runtime;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sim-'));
  });
  afterAll(() => rm(directory, { recursive: true }));
  beforeEach(() => {
    clock = new ManualClock();
    world = new SimWorld({ clock, images: { present: [IMAGE] } });
    runtime = openSimRuntime({ world });
  });

  async function start(command: string[], changes: Partial<ContainerSpec> = {}, attempt = 0) {
    const spec = sandboxSpec(directory);
    const box = await runtime.runSandbox(spec);
    const id = await runtime.createContainer(
      box.id,
      containerSpec(spec, IMAGE, command, { attempt, ...changes }),
      spec,
    );
    await runtime.startContainer(id);
    return { id, box, spec, log: join(spec.logDirectory, `main/${attempt}.log`) };
  }
  const status = (id: string) => runtime.containerStatus(id);

  test('an hour passes at once, and to the second', async () => {
    const { id } = await start(['sh', '-c', 'echo The app is running! && sleep 3600']);
    await clock.advance(3_599_999);
    expect((await status(id)).state).toBe('running');
    await clock.advance(1);
    expect(await status(id)).toMatchObject({
      state: 'exited',
      exitCode: 0,
      startedAt: '2026-01-01T00:00:00.000Z',
      finishedAt: '2026-01-01T01:00:00.000Z',
    });
  });

  test("the seed's init container: waits for its file every two seconds", async () => {
    const script = 'until cat /root/myapp; do echo "/root/myapp: no such file or directory!"; sleep 2; done';
    const { id, log } = await start(['sh', '-c', script]);
    await clock.advance(3000);
    expect(await runtime.execSync(id, ['touch', '/root/myapp'], 1000)).toMatchObject({ exitCode: 0 });
    await clock.advance(1000);
    expect(await status(id)).toMatchObject({ state: 'exited', exitCode: 0, finishedAt: '2026-01-01T00:00:04.000Z' });
    expect(await readFile(log, 'utf8')).toBe(
      [0, 2]
        .flatMap((second) => [
          `2026-01-01T00:00:0${second}.000000000Z stderr F cat: can't open '/root/myapp': No such file or directory\n`,
          `2026-01-01T00:00:0${second}.000000000Z stdout F /root/myapp: no such file or directory!\n`,
        ])
        .join(''),
    );
  });

  test('SIGTERM ends a sleep at once', async () => {
    const { id } = await start(['sleep', 'infinity']);
    await runtime.stopContainer(id, 30);
    expect(await status(id)).toMatchObject({ state: 'exited', exitCode: 143, reason: 'Error' });
  });

  test("an image's own command serves until it is told to stop", async () => {
    const { id } = await start([]);
    await clock.advance(86_400_000);
    await runtime.stopContainer(id, 30);
    expect(await status(id)).toMatchObject({ state: 'exited', exitCode: 0, reason: 'Completed' });
  });

  test('a script for each attempt, in place of the command', async () => {
    const annotations = { [SCRIPT_ANNOTATION]: JSON.stringify(['sleep 5; exit 1', 'exit 2', 'true']) };
    const codes: unknown[] = [];
    for (const attempt of [0, 1, 2, 3]) {
      const { id } = await start(['no-such-program'], { annotations }, attempt);
      await clock.advance(5000);
      codes.push((await status(id)).exitCode);
    }
    expect(codes).toEqual([1, 2, 0, 0]);
  });

  test('the runtime goes away and comes back; containers live on; another client adopts them', async () => {
    const seen: RuntimeEvent['type'][] = [];
    const watching = (async () => {
      for await (const event of runtime.events(new AbortController().signal))
        if (event.type !== 'subscribed') seen.push(event.type);
    })();
    const { id } = await start(['sleep', '10']);
    world.down = true;
    await expect(watching).rejects.toMatchObject({ code: 'Unavailable', transient: true });
    expect(seen).toEqual(['started', 'started']);
    await expect(runtime.listContainers({})).rejects.toMatchObject({ code: 'Unavailable' });
    await clock.advance(10_000);
    world.down = false;
    expect(await openSimRuntime({ world }).containerStatus(id)).toMatchObject({ state: 'exited', exitCode: 0 });
  });

  test('calls fail as often as told, before their work or after it', async () => {
    const error = new RuntimeError('Unavailable', 'told to');
    world.fail('startContainer', error, 2);
    const spec = sandboxSpec(directory);
    world.fail('runSandbox', error, 1, 'after');
    await expect(runtime.runSandbox(spec)).rejects.toBe(error);
    await expect(runtime.runSandbox(spec)).rejects.toMatchObject({ code: 'AlreadyExists' });
    const [box] = await runtime.listSandboxes({ podUid: spec.pod.uid });
    const id = await runtime.createContainer(box?.id ?? '', containerSpec(spec, IMAGE, ['true']), spec);
    await expect(runtime.startContainer(id)).rejects.toBe(error);
    await expect(runtime.startContainer(id)).rejects.toBe(error);
    expect((await status(id)).state).toBe('created');
    await runtime.startContainer(id);
  });

  test('latency', async () => {
    world.latency = 100;
    const info = runtime.info();
    await clock.advance(99);
    expect(await Promise.race([info, 'not yet'])).toBe('not yet');
    await clock.advance(1);
    expect(await info).toMatchObject({ name: 'sim', simulated: true });
  });

  test('a sandbox is lost with what runs in it; too much memory', async () => {
    const lost = await start(['sleep', '100']);
    const kept = await start(['sleep', '100']);
    world.killSandbox(lost.spec.pod.uid);
    await clock.advance(0);
    expect([(await runtime.sandboxStatus(lost.box.id)).ready, (await status(lost.id)).exitCode]).toEqual([false, 137]);
    expect((await runtime.sandboxStatus(kept.box.id)).ready).toBe(true);
    world.oomKill(kept.id);
    await clock.advance(0);
    expect(await status(kept.id)).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  });

  test('images come and go', async () => {
    world.pullable = ['app:1'];
    const never = new AbortController().signal;
    const ref = await runtime.pullImage('app:1', undefined, never);
    expect((await runtime.imageStatus('docker.io/library/app:1'))?.id).toBe(ref);
    await expect(runtime.pullImage('app:2', undefined, never)).rejects.toMatchObject({ code: 'Failed' });
    await runtime.removeImage(ref);
    expect(await runtime.imageStatus('app:1')).toBeUndefined();
  });

  test('streams are refused, with the reason', async () => {
    await expect(runtime.portForwardUrl('x', [80])).rejects.toThrow('--runtime sim');
  });

  test('a hundred containers at once', async () => {
    await Promise.all(Array.from({ length: 100 }, () => start(['sleep', '60'])));
    await clock.advance(60_000);
    const states = (await runtime.listContainers({})).map(({ state }) => state);
    expect(states).toEqual(Array.from({ length: 100 }, () => 'exited'));
  });
});
