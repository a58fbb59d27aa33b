/**
 * The driver against a private containerd that the test starts. It needs Linux, root and containerd; without them it
 * fails, unless DURAPOD_TEST_NO_CONTAINERD=1 says that this machine is not to be tested with containers.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bridgeName,
  chooseSubnet,
  cniConfig,
  containerdCommand,
  containerdConfig,
  routedSubnets,
} from '../../cli/containerd.ts';
import { BUSYBOX_IMAGES, importImages, PAUSE_IMAGE, writeImageArchive } from '../../cli/images.ts';
import { containerSpec, sandboxSpec } from '../fixtures.ts';
import { type Runtime, RuntimeError, type RuntimeEvent } from '../port.ts';
import { runtimeSuite } from '../suite.ts';
import { openCriRuntime } from './runtime.ts';

const IMAGE = BUSYBOX_IMAGES[0] as string;

if (process.env.DURAPOD_TEST_NO_CONTAINERD === '1') {
  test.skip('left out, as DURAPOD_TEST_NO_CONTAINERD=1 says', () => {});
} else {
  runtimeSuite('cri: containerd', async () => {
    const containerd = await PrivateContainerd.start();
    const runtime = await openCriRuntime({ socket: containerd.socket });
    return {
      runtime,
      directory: containerd.directory,
      image: IMAGE,
      reopen: () => openCriRuntime({ socket: containerd.socket }),
      async close() {
        await runtime.close();
        await containerd.destroy();
      },
    };
  });
  describe('cri: what only real containers do', { timeout: 60_000 }, realContainers);
}

function realContainers(): void {
  let containerd: PrivateContainerd;
  let runtime: Runtime;
  beforeAll(async () => {
    containerd = await PrivateContainerd.start();
    runtime = await openCriRuntime({ socket: containerd.socket });
  }, 60_000);
  afterAll(async () => {
    await runtime?.close();
    await containerd?.destroy();
  }, 60_000);

  async function start(command: string[], changes: Parameters<typeof containerSpec>[3] = {}) {
    const spec = sandboxSpec(containerd.directory);
    const box = await runtime.runSandbox(spec);
    const id = await runtime.createContainer(box.id, containerSpec(spec, IMAGE, command, changes), spec);
    await runtime.startContainer(id);
    return { id, box, spec };
  }

  test('a Pod has an address of its own, and a host port leads to it', async () => {
    const spec = sandboxSpec(containerd.directory, {
      namespaces: { network: 'pod', pid: 'container', ipc: 'pod' },
      hostname: 'my-host',
      dns: { servers: ['192.0.2.53'], searches: ['example.org'], options: ['ndots:5'] },
    });
    const box = await runtime.runSandbox(spec);
    expect(box.ips).toEqual([expect.stringMatching(/^10\.\d+\.\d+\.\d+$/)]);
    const script =
      'hostname; cat /etc/resolv.conf; mkdir /www; echo served > /www/index.html; httpd -f -p 8080 -h /www';
    const id = await runtime.createContainer(box.id, containerSpec(spec, IMAGE, ['sh', '-c', script]), spec);
    await runtime.startContainer(id);
    const page = () => fetch(`http://${box.ips[0]}:8080/`).then((response) => response.text(), String);
    await expect.poll(page, { timeout: 5000 }).toBe('served\n');
    const log = await readFile(join(spec.logDirectory, 'main/0.log'), 'utf8');
    expect(log.replaceAll(/^\S+ stdout F /gm, '')).toBe(
      'my-host\nsearch example.org\nnameserver 192.0.2.53\noptions ndots:5\n',
    );
    await runtime.removeSandbox(box.id);
  });

  test('a file cannot be put outside the container by a symlink, nor onto the host', async () => {
    const hostPath = join(containerd.directory, 'one-file');
    await writeFile(hostPath, '');
    const script = 'ln -s / /tmp/up; ln -s /proc/1/root /tmp/magic; touch /ready; sleep 100';
    const { id, box } = await start(['sh', '-c', script], {
      mounts: [{ containerPath: '/mounted', hostPath, readonly: false, propagation: 'private' }],
    });
    await expect.poll(async () => (await runtime.execSync(id, ['cat', '/ready'], 5000)).exitCode).toBe(0);
    const name = `durapod-test-${box.id.slice(0, 12)}`;
    await runtime.writeFile(id, `/tmp/up/../../../${name}`, Buffer.from('inside'), 0o640);
    await runtime.writeFile(id, `/tmp/magic/${name}-2`, Buffer.from('inside'), 0o640).catch(() => {});
    for (const path of [`/${name}`, `/${name}-2`]) expect(() => readFileSync(path)).toThrow(/ENOENT/);
    const { stdout } = await runtime.execSync(id, ['stat', '-c', '%a %u:%g %s', `/${name}`], 5000);
    expect(stdout).toBe('640 0:0 6\n');
    const mountPoint = await runtime.writeFile(id, '/mounted', Buffer.alloc(0), 0o644).catch((error) => error);
    expect(mountPoint.message).toBe('cannot write /mounted: the file is a mount point, which cannot be replaced');
    const proc = await runtime
      .writeFile(id, '/proc/sys/kernel/core_pattern', Buffer.from('|/x'), 0o644)
      .catch((e) => e);
    expect(proc).toBeInstanceOf(RuntimeError);
    await runtime.removeSandbox(box.id);
  });

  test('the file belongs to the user the container runs as', async () => {
    const spec = sandboxSpec(containerd.directory);
    const container = containerSpec(spec, IMAGE, ['sleep', '100']);
    container.security = { ...container.security, runAsUser: 1234, runAsGroup: 4321 };
    const box = await runtime.runSandbox(spec);
    const id = await runtime.createContainer(box.id, container, spec);
    await runtime.startContainer(id);
    await runtime.writeFile(id, '/tmp/mine', Buffer.from('x'), 0o600);
    const { stdout } = await runtime.execSync(id, ['stat', '-c', '%u:%g', '/tmp/mine'], 5000);
    expect(stdout).toBe('1234:4321\n');
    await runtime.removeSandbox(box.id);
  });

  test('more memory than allowed: OOMKilled', async () => {
    const seen: RuntimeEvent[] = [];
    const stop = new AbortController();
    const watching = watchToItsEnd(runtime, seen, stop.signal);
    const { id, box } = await start(['tail', '/dev/zero'], { resources: { memoryLimitBytes: 16 << 20 } });
    await expect.poll(() => runtime.containerStatus(id), { timeout: 10_000 }).toMatchObject({ state: 'exited' });
    expect(await runtime.containerStatus(id)).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
    await expect.poll(() => seen.filter((event) => event.id === id).map(({ type }) => type)).toContain('oom');
    stop.abort();
    expect(await watching).toBeUndefined();
    await runtime.removeSandbox(box.id);
  });

  test('the kernel stays hidden from a container', async () => {
    const { id, box } = await start(['sleep', '100']);
    const probe = 'cat /proc/kcore | head -c 1 | wc -c; echo x > /proc/sys/kernel/domainname || echo refused';
    expect((await runtime.execSync(id, ['sh', '-c', probe], 5000)).stdout).toBe('0\nrefused\n');
    await runtime.removeSandbox(box.id);
  });

  test('streaming URLs are on loopback; a stop signal is refused where the runtime would ignore it', async () => {
    const { id, box, spec } = await start(['sleep', '100']);
    const options = { stdin: true, stdout: true, stderr: false, tty: true };
    const urls = [
      await runtime.execUrl(id, ['sh'], options),
      await runtime.attachUrl(id, options),
      await runtime.portForwardUrl(box.id, [80]),
    ];
    expect(urls.map((url) => new URL(url).hostname)).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1']);
    const signalled = containerSpec(spec, IMAGE, ['true'], { name: 'signalled', stopSignal: 'SIGUSR1' });
    const created = await runtime.createContainer(box.id, signalled, spec).catch((error) => error);
    if (created instanceof RuntimeError) {
      expect(created.code).toBe('Unsupported');
      expect((await runtime.listContainers({ sandboxId: box.id })).map(({ name }) => name)).toEqual(['main']);
    }
    await expect(runtime.createContainer(box.id, { ...signalled, stopSignal: 'SIGNONE' }, spec)).rejects.toThrow(
      'stop signal SIGNONE is not supported',
    );
    await runtime.removeSandbox(box.id);
  });

  test('containerd killed: containers live on, an end meanwhile keeps its exit code, one client sees it through', async () => {
    const lives = await start(['sleep', '100']);
    const ends = await start(['sh', '-c', 'until cat /tmp/go; do sleep 0.05; done; exit 23']);
    const { pid } = await runtime.containerStatus(ends.id);
    const seen: RuntimeEvent[] = [];
    const watched = watchToItsEnd(runtime, seen);
    await containerd.kill();
    expect(await watched).toMatchObject({ code: 'Unavailable', transient: true });
    expect(await runtime.listContainers({}).catch((error) => error)).toMatchObject({ code: 'Unavailable' });
    // Long enough before the end that what was on its way to containerd has been lost with it.
    await delay(500);
    await writeFile(`/proc/${pid}/root/tmp/go`, '');
    await expect.poll(() => isRunning(pid as number)).toBe(false);
    await containerd.launch();
    await expect
      .poll(() => runtime.containerStatus(ends.id).catch(() => ({})), { timeout: 10_000 })
      .toMatchObject({
        state: 'exited',
        exitCode: expect.toSatisfy((code: number) => code === 23 || code === 255),
      });
    const status = await runtime.containerStatus(ends.id);
    expect([status.exitCode, status.reason]).toEqual(status.exitCode === 255 ? [255, 'Unknown'] : [23, 'Error']);
    expect((await runtime.containerStatus(lives.id)).state).toBe('running');
    expect((await runtime.execSync(lives.id, ['echo', 'here'], 5000)).stdout).toBe('here\n');
    await runtime.removeSandbox(lives.box.id);
    await runtime.removeSandbox(ends.box.id);
  });

  test('the pause image is pinned, and importing again changes nothing', async () => {
    const images = async () => (await runtime.listImages()).toSorted((a, b) => a.id.localeCompare(b.id));
    const before = await images();
    expect(before.filter(({ pinned }) => pinned).map(({ repoTags }) => repoTags)).toEqual([[PAUSE_IMAGE]]);
    await importImages(containerd.socket, join(containerd.directory, 'images.tar'));
    expect(await images()).toEqual(before);
    const labels = execFileSync('ctr', [
      '-a',
      containerd.socket,
      '-n',
      'k8s.io',
      'images',
      'ls',
      `name==${PAUSE_IMAGE}`,
    ]);
    expect(String(labels)).toContain('io.cri-containerd.pinned=pinned');
  });

  test('nobody at the socket', async () => {
    const error = await openCriRuntime({ socket: join(containerd.directory, 'none.sock') }).catch((error) => error);
    expect(error).toMatchObject({ code: 'Unavailable' });
    expect(error.message).toContain('none.sock does not answer (is it running?)');
  });
}

async function watchToItsEnd(
  runtime: Runtime,
  seen: RuntimeEvent[],
  signal = new AbortController().signal,
): Promise<unknown> {
  try {
    for await (const event of runtime.events(signal)) if (event.type !== 'subscribed') seen.push(event);
  } catch (error) {
    return error;
  }
  return undefined;
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** A containerd with directories, network and images of its own. */
class PrivateContainerd {
  readonly directory: string;
  readonly socket: string;
  readonly #bridge: string;
  #process: ChildProcess | undefined;

  private constructor(directory: string) {
    this.directory = directory;
    this.socket = join(directory, 'c.sock');
    this.#bridge = bridgeName(directory);
  }

  static async start(): Promise<PrivateContainerd> {
    if (process.platform !== 'linux' || process.getuid?.() !== 0)
      throw new Error('needs Linux and root to run containers; DURAPOD_TEST_NO_CONTAINERD=1 leaves these tests out');
    const containerd = new PrivateContainerd(await mkdtemp('/tmp/cri-'));
    const { directory, socket } = containerd;
    const cniConfDir = join(directory, 'cni');
    await mkdir(cniConfDir);
    const subnet = chooseSubnet(directory, routedSubnets(containerd.#bridge));
    const network = cniConfig({ bridge: containerd.#bridge, subnet, dataDir: join(directory, 'ips') });
    await writeFile(join(cniConfDir, '10-durapod.conflist'), network);
    const paths = { root: join(directory, 'root'), state: join(directory, 'state'), socket, cniConfDir };
    await writeFile(join(directory, 'config.toml'), containerdConfig({ ...paths, pauseImage: PAUSE_IMAGE }));
    await containerd.launch();
    await writeImageArchive(join(directory, 'images.tar'));
    await importImages(socket, join(directory, 'images.tar'));
    return containerd;
  }

  async launch(): Promise<void> {
    const { command, args } = containerdCommand(join(this.directory, 'config.toml'));
    const log = openSync(join(this.directory, 'containerd.log'), 'a');
    this.#process = spawn(command, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    let problem: unknown;
    this.#process.on('error', (error) => {
      problem = error;
    });
    for (let waited = 0; waited < 20_000; waited += 50) {
      if (problem) throw new Error(`cannot start containerd (apt-get install containerd): ${problem}`);
      const runtime = await openCriRuntime({ socket: this.socket }).catch(() => undefined);
      await runtime?.close();
      if (runtime) return;
      await delay(50);
    }
    throw new Error(`containerd does not answer: ${await readFile(join(this.directory, 'containerd.log'), 'utf8')}`);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const ended = once(this.#process as ChildProcess, 'exit');
    this.#process?.kill(signal);
    await ended;
  }

  async destroy(): Promise<void> {
    const runtime = await openCriRuntime({ socket: this.socket });
    for (const { id } of await runtime.listSandboxes({})) await runtime.removeSandbox(id);
    await runtime.close();
    await this.kill('SIGTERM');
    // Not there when no Pod had a network of its own.
    if (readFileSync('/proc/net/dev', 'utf8').includes(this.#bridge))
      execFileSync('ip', ['link', 'delete', this.#bridge]);
    await rm(this.directory, { recursive: true, force: true });
  }
}
