/** What every runtime must do, run against each driver: `runtimeSuite(name, open)` in the driver's test file. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { EventWatch } from './event-watch.ts';
import { containerSpec, sandboxSpec } from './fixtures.ts';
import {
  type ContainerSpec,
  type Runtime,
  type RuntimeContainerStatus,
  RuntimeError,
  type Sandbox,
  type SandboxSpec,
} from './port.ts';

export interface RuntimeUnderTest {
  runtime: Runtime;
  /** A directory for logs and volumes, removed by the fixture. */
  directory: string;
  /** An image with a shell that is there. */
  image: string;
  /** Another client of the same runtime, as after a restart of durapod. */
  reopen(): Promise<Runtime>;
  close(): Promise<void>;
}

const GONE = 'f'.repeat(64);
const TIMEOUT = 30_000;

export function runtimeSuite(name: string, open: () => Promise<RuntimeUnderTest>): void {
  describe(name, { timeout: TIMEOUT }, () => {
    let it: RuntimeUnderTest;
    let runtime: Runtime;
    const sandboxes: string[] = [];
    const watching: EventWatch[] = [];

    beforeAll(async () => {
      it = await open();
      runtime = it.runtime;
    }, 60_000);
    afterEach(async () => {
      for (const watch of watching.splice(0)) await watch.stop();
      await Promise.all(sandboxes.splice(0).map((id) => runtime.removeSandbox(id)));
    }, TIMEOUT);
    afterAll(() => it?.close(), TIMEOUT);

    async function sandbox(changes: Partial<SandboxSpec> = {}): Promise<{ spec: SandboxSpec; sandbox: Sandbox }> {
      const spec = sandboxSpec(it.directory, changes);
      const sandbox = await runtime.runSandbox(spec);
      sandboxes.push(sandbox.id);
      return { spec, sandbox };
    }
    async function watch(): Promise<EventWatch> {
      const watch = new EventWatch(runtime);
      watching.push(watch);
      await watch.subscribed;
      return watch;
    }
    /** A sandbox with one container, started. */
    async function started(script: string, changes: Partial<ContainerSpec> = {}) {
      const { spec, sandbox: box } = await sandbox();
      const container = containerSpec(spec, it.image, ['sh', '-c', script], changes);
      const id = await runtime.createContainer(box.id, container, spec);
      await runtime.startContainer(id);
      return { id, spec: container, log: join(spec.logDirectory, container.logPath), box };
    }
    /** The container's status once it has ended. */
    async function end(id: string): Promise<RuntimeContainerStatus> {
      await expect.poll(() => runtime.containerStatus(id), { timeout: 10_000 }).toMatchObject({ state: 'exited' });
      return runtime.containerStatus(id);
    }
    const codeOf = (call: Promise<unknown>) =>
      call.then(
        () => 'no error',
        (error) => (error instanceof RuntimeError ? error.code : error),
      );

    test('says what it is', async () => {
      const info = await runtime.info();
      expect(info).toMatchObject({ name: expect.any(String), version: expect.any(String), ready: true });
      expect(info.networkReady).toBe(true);
    });

    test('a sandbox from start to removal', async () => {
      const { spec, sandbox: box } = await sandbox({ labels: { app: 'x' }, annotations: { note: 'y' } });
      expect(box).toMatchObject({ pod: spec.pod, attempt: 0, ready: true, annotations: { note: 'y' } });
      expect(box.labels).toMatchObject({ app: 'x', 'io.kubernetes.pod.uid': spec.pod.uid });
      expect(await codeOf(runtime.runSandbox(spec))).toBe('AlreadyExists');
      expect(await runtime.sandboxStatus(box.id)).toEqual(box);

      await runtime.stopSandbox(box.id);
      await runtime.stopSandbox(box.id);
      expect((await runtime.sandboxStatus(box.id)).ready).toBe(false);
      const second = await runtime.runSandbox({ ...spec, attempt: 1 });
      sandboxes.push(second.id);
      expect(second).toMatchObject({ attempt: 1, ready: true });

      await runtime.removeSandbox(box.id);
      await runtime.removeSandbox(box.id);
      expect(await codeOf(runtime.sandboxStatus(box.id))).toBe('NotFound');
      expect((await runtime.listSandboxes({ podUid: spec.pod.uid })).map(({ id }) => id)).toEqual([second.id]);
    });

    test('a container from creation to removal', async () => {
      const { spec, sandbox: box } = await sandbox();
      const container = containerSpec(spec, it.image, ['sh', '-c', 'exit 3'], { labels: { a: 'b' } });
      const id = await runtime.createContainer(box.id, container, spec);
      expect(await codeOf(runtime.createContainer(box.id, container, spec))).toBe('AlreadyExists');
      const identity = { id, sandboxId: box.id, pod: spec.pod, name: 'main', attempt: 0, image: it.image };
      const created = await runtime.containerStatus(id);
      expect(created).toMatchObject({ ...identity, state: 'created' });
      expect([created.startedAt, created.exitCode, created.pid]).toEqual([undefined, undefined, undefined]);
      expect(created.labels).toMatchObject({ a: 'b', 'io.kubernetes.container.name': 'main' });

      await runtime.startContainer(id);
      const exited = await end(id);
      expect(exited).toMatchObject({ ...identity, exitCode: 3, reason: 'Error' });
      expect(Date.parse(exited.finishedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(exited.createdAt));
      expect(exited.logPath).toBe(join(spec.logDirectory, 'main/0.log'));

      const again = await runtime.createContainer(box.id, { ...container, attempt: 1, logPath: 'main/1.log' }, spec);
      await runtime.removeContainer(id);
      await runtime.removeContainer(id);
      expect(await codeOf(runtime.containerStatus(id))).toBe('NotFound');
      expect((await runtime.listContainers({ sandboxId: box.id })).map(({ id }) => id)).toEqual([again]);
    });

    test('a command that succeeds is Completed', async () => {
      const { id } = await started('true');
      expect(await end(id)).toMatchObject({ exitCode: 0, reason: 'Completed' });
    });

    test('a command that is not there fails to start, and says so', async () => {
      const { spec, sandbox: box } = await sandbox();
      const id = await runtime.createContainer(box.id, containerSpec(spec, it.image, ['no-such-program']), spec);
      const error = await runtime.startContainer(id).catch((error) => error);
      expect(error).toBeInstanceOf(RuntimeError);
      const message = 'exec: "no-such-program": executable file not found in $PATH';
      expect(error.message).toContain(message);
      const status = await runtime.containerStatus(id);
      expect(status).toMatchObject({ state: 'exited', exitCode: 128, reason: 'StartError' });
      expect(status.message).toContain(message);
    });

    test('events: start, the end with its exit code within a second, removal; not those of exec', async () => {
      const watcher = await watch();
      const { id, box } = await started('until cat /tmp/go; do sleep 0.05; done; exit 42');
      await runtime.execSync(id, ['true'], 5000);
      await runtime.writeFile(id, '/tmp/go', Buffer.alloc(0), 0o644);
      await watcher.until((event) => event.type === 'exited' && event.id === id, 1000 + 200);
      await runtime.removeContainer(id);
      await watcher.until((event) => event.type === 'deleted' && event.id === id, 1000);
      expect(watcher.of(id)).toEqual([
        { type: 'started', id, at: expect.any(String) },
        { type: 'exited', id, at: expect.any(String), exitCode: 42 },
        { type: 'deleted', id, at: expect.any(String) },
      ]);
      await runtime.stopSandbox(box.id);
      await watcher.until((event) => event.type === 'exited' && event.id === box.id, 1000);
    });

    test('stop: what heeds SIGTERM ends by itself, what does not is killed after its grace', async () => {
      const { id: heeds } = await started('trap "exit 7" TERM; while true; do sleep 0.05; done');
      await runtime.stopContainer(heeds, 20);
      expect(await runtime.containerStatus(heeds)).toMatchObject({ state: 'exited', exitCode: 7 });
      await runtime.stopContainer(heeds, 20);

      const { id: ignores } = await started('trap "" TERM; sleep 100');
      const began = Date.now();
      await runtime.stopContainer(ignores, 1);
      expect(await runtime.containerStatus(ignores)).toMatchObject({ state: 'exited', exitCode: 137 });
      expect(Date.now() - began).toBeGreaterThanOrEqual(900);

      const { id: atOnce } = await started('trap "" TERM; sleep 100');
      await runtime.stopContainer(atOnce, 0);
      expect(await runtime.containerStatus(atOnce)).toMatchObject({ state: 'exited', exitCode: 137 });
      await runtime.stopContainer(GONE, 1);
      await runtime.removeContainer(GONE);
    });

    test('removing a running container ends it', async () => {
      const { id } = await started('trap "" TERM; sleep 100');
      await runtime.removeContainer(id);
      expect(await codeOf(runtime.containerStatus(id))).toBe('NotFound');
    });

    test('a container that never started is stopped and removed', async () => {
      const { spec, sandbox: box } = await sandbox();
      const id = await runtime.createContainer(box.id, containerSpec(spec, it.image, ['true']), spec);
      await runtime.stopContainer(id, 1);
      await runtime.removeContainer(id);
      expect(await runtime.listContainers({ podUid: spec.pod.uid })).toEqual([]);
    });

    test('stopping a sandbox ends what runs in it; removing it takes its containers along', async () => {
      const { id, box } = await started('trap "" TERM; sleep 100');
      await runtime.stopSandbox(box.id);
      expect((await end(id)).exitCode).toBe(137);
      await runtime.removeSandbox(box.id);
      expect(await codeOf(runtime.containerStatus(id))).toBe('NotFound');
      await runtime.stopSandbox(GONE);
      await runtime.removeSandbox(GONE);
    });

    test('logs: a line each, with time, stream and tag', async () => {
      const { id, log } = await started('echo one; echo two >&2; echo "$WORD" three', {
        env: [{ name: 'WORD', value: 'and' }],
      });
      await end(id);
      const lines = async () => (await readFile(log, 'utf8')).trimEnd().split('\n');
      await expect.poll(async () => (await lines()).length).toBe(3);
      const parsed = (await lines()).map((line) => /^(\S+) (stdout|stderr) F (.*)$/.exec(line)?.slice(1) ?? [line]);
      // The two streams are copied apart from each other, so only the order within each is certain.
      expect(parsed.map(([, stream, text]) => `${stream} ${text}`).sort()).toEqual([
        'stderr two',
        'stdout and three',
        'stdout one',
      ]);
      for (const [time] of parsed) expect(Date.parse(time ?? '')).not.toBeNaN();
    });

    test('execSync: output, exit code, time-out', async () => {
      const { id } = await started('trap "exit 0" TERM; while true; do sleep 0.1; done');
      const exec = (script: string, timeoutMs = 10_000) => runtime.execSync(id, ['sh', '-c', script], timeoutMs);
      expect(await exec('echo out; echo err >&2; exit 5')).toEqual({
        exitCode: 5,
        stdout: 'out\n',
        stderr: 'err\n',
        timedOut: false,
      });
      const began = Date.now();
      expect((await exec('sleep 20', 500)).timedOut).toBe(true);
      expect(Date.now() - began).toBeLessThan(5000);
      expect(await codeOf(runtime.execSync(GONE, ['true'], 1000))).toBe('NotFound');
      expect((await runtime.containerStatus(id)).state).toBe('running');
    });

    test('writeFile: what the container waits for', async () => {
      const { id, log } = await started('until cat /root/myapp; do sleep 0.05; done');
      await runtime.writeFile(id, '/root/myapp', Buffer.from('hello\n'), 0o600);
      expect((await end(id)).exitCode).toBe(0);
      await expect.poll(() => readFile(log, 'utf8')).toMatch(/ stdout F hello\n/);
      const late = await runtime.writeFile(id, '/root/late', Buffer.alloc(0), 0o600).catch((error) => error);
      expect(late.message).toContain('container main is not running');
    });

    test('writeFile: a missing directory, a directory in the way', async () => {
      const { id } = await started('trap "exit 0" TERM; while true; do sleep 0.1; done');
      const write = (path: string) =>
        runtime.writeFile(id, path, Buffer.from('x'), 0o644).catch((error) => error.message);
      expect(await write('/none/file')).toContain(
        'cannot write /none/file: the directory "none" on the way does not exist',
      );
      expect(await write('/root')).toContain('cannot write /root: a directory is in the way');
    });

    test('a volume: shared, read-only where asked for, and written through', async () => {
      const volume = join(it.directory, 'volume');
      await mkdir(volume);
      await writeFile(join(volume, 'given'), 'given\n');
      const mount = { containerPath: '/data', hostPath: volume, propagation: 'private' as const };
      const { id, box, spec } = await started('cat /data/given > /data/copy; sleep 100', {
        mounts: [{ ...mount, readonly: false }],
      });
      await expect.poll(() => readFile(join(volume, 'copy'), 'utf8').catch(() => '')).toBe('given\n');
      await runtime.writeFile(id, '/data/written', Buffer.from('w'), 0o644);
      expect(await readFile(join(volume, 'written'), 'utf8')).toBe('w');
      const sandboxOf = sandboxSpec(it.directory, { pod: spec.pod });
      const reader = containerSpec(sandboxOf, it.image, ['sh', '-c', 'cat /data/copy && touch /data/no || exit 9'], {
        name: 'reader',
        mounts: [{ ...mount, readonly: true }],
      });
      const readerId = await runtime.createContainer(box.id, reader, sandboxOf);
      await runtime.startContainer(readerId);
      expect((await end(readerId)).exitCode).toBe(9);
    });

    test('lists by Pod, sandbox, label and id; another client sees the same', async () => {
      const one = await started('sleep 100', { labels: { tier: 'a' } });
      const two = await started('sleep 100', { labels: { tier: 'b' } });
      const other = await it.reopen();
      const ids = async (filter: Parameters<Runtime['listContainers']>[0], of = other) =>
        (await of.listContainers(filter)).map(({ id }) => id).sort();
      try {
        expect(await ids({})).toEqual([one.id, two.id].sort());
        expect(await ids({ podUid: one.spec.pod.uid })).toEqual([one.id]);
        expect(await ids({ sandboxId: two.box.id })).toEqual([two.id]);
        expect(await ids({ labels: { tier: 'b' } })).toEqual([two.id]);
        expect(await ids({ id: one.id, labels: { tier: 'b' } })).toEqual([]);
        expect(await ids({ podUid: 'none' })).toEqual([]);
        expect(await other.listContainers({ id: one.id })).toEqual(await runtime.listContainers({ id: one.id }));
        expect((await other.listSandboxes({ id: one.box.id })).map(({ id }) => id)).toEqual([one.box.id]);
      } finally {
        await other.close();
      }
      expect((await runtime.containerStatus(one.id)).state).toBe('running');
    });

    test('images: here, not here, no name for one', async () => {
      const here = await runtime.imageStatus(it.image);
      expect(here?.repoTags).toContain(it.image);
      expect(await runtime.imageStatus(here?.id ?? '')).toEqual(here);
      expect((await runtime.listImages()).map(({ id }) => id)).toContain(here?.id);
      expect(await runtime.imageStatus('localhost/not-here:1')).toBeUndefined();
      expect(await codeOf(runtime.imageStatus('Not A Name'))).toBe('InvalidImageName');
      const signal = AbortSignal.timeout(20_000);
      expect(await codeOf(runtime.pullImage('Not A Name', undefined, signal))).toBe('InvalidImageName');
      expect(await codeOf(runtime.pullImage('localhost:1/not-here:1', undefined, signal))).toBe('Failed');
      expect(await codeOf(runtime.pullImage(it.image, undefined, AbortSignal.abort('enough')))).toBe('enough');
    });

    test('resources change while it runs', async () => {
      const { id } = await started('sleep 100');
      await runtime.updateResources(id, { cpuShares: 512 });
      expect(await codeOf(runtime.updateResources(GONE, { cpuShares: 512 }))).toBe('NotFound');
    });

    test('a log that was moved away goes on in a new file once it is reopened', async () => {
      const { id, log } = await started('while true; do echo tick; sleep 0.05; done');
      const content = (path: string) => readFile(path, 'utf8').catch(() => '');
      await expect.poll(() => content(log)).toContain('tick');
      await rename(log, `${log}.old`);
      await runtime.reopenLog(id);
      expect(existsSync(log)).toBe(true);
      await expect.poll(() => content(log)).toContain('tick');
      await runtime.stopContainer(id, 0);
      expect(await codeOf(runtime.reopenLog(id))).toBe('Failed');
      expect(await codeOf(runtime.reopenLog(GONE))).toBe('NotFound');
    });

    test('what a container has written beside its mounts', { timeout: 40_000 }, async () => {
      const one = await started(`echo ${'x'.repeat(8000)} > /tmp/file; sleep 100`);
      const two = await started('sleep 100');
      const written = async () => (await runtime.usage({ podUid: one.spec.pod.uid })).get(one.id) ?? {};
      const bytes = async () => (await written()).writtenBytes ?? 0;
      await expect.poll(bytes, { timeout: 25_000, interval: 200 }).toBeGreaterThan(8000);
      expect((await written()).writtenInodes).toBeGreaterThan(0);
      expect([...(await runtime.usage({ id: two.id })).keys()].filter((id) => id !== two.id)).toEqual([]);
    });

    test('how much memory a container uses', async () => {
      const { id } = await started('sleep 100');
      const { memoryBytes, workingSetBytes } = (await runtime.usage({ id })).get(id) ?? {};
      expect(memoryBytes).toBeLessThan(100 * 1024 * 1024);
      expect(workingSetBytes).toBeLessThanOrEqual(memoryBytes!);
    });

    test('the disk that images are on', async () => {
      const { capacityBytes, availableBytes } = await runtime.imageFileSystem();
      expect(availableBytes).toBeGreaterThan(0);
      expect(capacityBytes).toBeGreaterThan(availableBytes);
    });

    test('events end when their signal aborts', async () => {
      const watcher = await watch();
      await watcher.stop();
      expect(watcher.error).toBeUndefined();
    });

    // The last one: the suite's image is gone after it.
    test('an image is removed with all of its names', async () => {
      const { id = '' } = (await runtime.imageStatus(it.image)) ?? {};
      await runtime.removeImage(id);
      expect(await runtime.imageStatus(it.image)).toBeUndefined();
      expect((await runtime.listImages()).map((image) => image.id)).not.toContain(id);
      await runtime.removeImage(id);
    });
  });
}
