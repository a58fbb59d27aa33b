import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { NodeDirs } from '../node/dirs.ts';
import { messageOf } from '../pod/message-of.ts';
import type { Runtime, RuntimeContainer, Sandbox } from '../runtime/port.ts';
import { containerdPaths } from './containerd.ts';
import { Daemon } from './daemon.ts';
import { witnessProcessFile } from './exit-witness.ts';
import { type FileLock, lockOwner, tryLock } from './file-lock.ts';
import { type Home, isHome, openHome, removeHome } from './home.ts';
import { removeLeftovers, removeMounts } from './leftovers.ts';
import { openRuntime } from './parts.ts';
import { containerdDaemon } from './private-containerd.ts';
import { type Remembered, type RuntimeChoice, recallSettings } from './settings.ts';
import type { Steps } from './steps.ts';
import { temporalProcessFile } from './temporal-place.ts';
import { toolContext } from './tools/context.ts';
import { findTool } from './tools.ts';
import { UserError } from './user-error.ts';

const STOP_WAIT_MS = 30_000;
const DAEMON_GRACE_MS = 10_000;
/** What a container gets between SIGTERM and SIGKILL here, whatever its Pod says. */
const CONTAINER_GRACE_S = 5;

/** Stops and removes everything durapod made in a home: processes, containers, mounts, network, files. */
export async function down(root: string, steps: Steps): Promise<void> {
  if (!isHome(root)) {
    steps.say(`nothing to remove: ${root} is not a state directory of durapod`);
    return;
  }
  const home = openHome(root);
  const lock = await takeOver(home, steps);
  try {
    const settings = recallSettings(home);
    const runtime = settings?.runtime;
    if (runtime?.kind === 'containerd') {
      requireRoot(home);
      await Daemon.stopRecorded(witnessProcessFile(home), DAEMON_GRACE_MS);
      await steps.step('containers', () => removeFromContainerd(home, steps), counted);
      await steps.step('leftovers, mounts, network', () => removeLeftovers(home));
    } else if (runtime?.kind === 'socket') {
      await steps.step('containers', () => removeFromRuntime(home, runtime), counted);
    }
    await removeMounts(home);
    await steps.step('Temporal', () => Daemon.stopRecorded(temporalProcessFile(home), DAEMON_GRACE_MS));
    await steps.step(`state directory ${root}`, async () => removeHome(home));
    if (settings) sayWhatStays(settings, steps);
  } finally {
    lock.release();
  }
}

/** Ends a durapod that runs on the home, and takes its lock. */
async function takeOver(home: Home, steps: Steps): Promise<FileLock> {
  const free = tryLock(home.lock);
  if (free) return free;
  const owner = lockOwner(home.lock);
  return steps.step(`durapod (process ${owner})`, async () => {
    if (owner) process.kill(owner, 'SIGTERM');
    const deadline = Date.now() + STOP_WAIT_MS;
    while (Date.now() < deadline) {
      const lock = tryLock(home.lock);
      if (lock) return lock;
      await sleep(100);
    }
    throw new UserError(`durapod (process ${owner}) does not stop: end it with \`kill -9 ${owner}\`, then try again`);
  });
}

function requireRoot(home: Home): void {
  if (process.getuid?.() === 0) return;
  throw new UserError(`not root: the containers of ${home.root} were started by root; run with sudo`);
}

/** Through our containerd, which is started once more where it does not run; without it `removeLeftovers` has more to do. */
async function removeFromContainerd(home: Home, steps: Steps): Promise<number> {
  const context = toolContext();
  const containerd = findTool('containerd', context);
  const cniPlugin = findTool('containernetworking-plugins', context);
  const { processFile, socket } = containerdPaths(home);
  if (!containerd || !cniPlugin) {
    await Daemon.stopRecorded(processFile, DAEMON_GRACE_MS);
    return 0;
  }
  const daemon = containerdDaemon(home, { containerd, cniPlugin }, (line) => steps.say(line));
  try {
    await daemon.start();
    return await removePods(await openRuntime({ kind: 'containerd' }, socket), () => true);
  } catch (error) {
    steps.say(`containerd cannot remove all (${messageOf(error)}): removing by other means`);
    return 0;
  } finally {
    await daemon.stop(DAEMON_GRACE_MS);
  }
}

/** On a runtime that is not ours, only what this home has a directory for. */
async function removeFromRuntime(home: Home, runtime: RuntimeChoice): Promise<number> {
  const dirs = new NodeDirs(home.node);
  return removePods(await openRuntime(runtime, ''), ({ pod }) => existsSync(dirs.podDir(pod.uid)));
}

async function removePods(runtime: Runtime, isOurs: (one: Sandbox | RuntimeContainer) => boolean): Promise<number> {
  try {
    const containers = (await runtime.listContainers({})).filter(isOurs);
    const running = containers.filter(({ state }) => state === 'running');
    await Promise.all(running.map(({ id }) => runtime.stopContainer(id, CONTAINER_GRACE_S)));
    for (const { id } of containers) await runtime.removeContainer(id);
    const sandboxes = (await runtime.listSandboxes({})).filter(isOurs);
    for (const { id } of sandboxes) {
      await runtime.stopSandbox(id);
      await runtime.removeSandbox(id);
    }
    return sandboxes.length;
  } finally {
    await runtime.close();
  }
}

function counted(pods: number): string {
  return `${pods} ${pods === 1 ? 'Pod' : 'Pods'}`;
}

function sayWhatStays({ temporal, postgres }: Remembered, steps: Steps): void {
  if (temporal) steps.say(`not ours, so left as it is: the workflows in Temporal at ${temporal}`);
  if (postgres) steps.say('not ours, so left as it is: the schema "durapod" in the PostgreSQL database of --store');
}
