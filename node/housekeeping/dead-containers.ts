/**
 * Of each container of a Pod the newest dead one is kept, with its log; older ones go, and so do the sandboxes they leave
 * behind empty (the kubelet's maximum-dead-containers-per-container, 1). What ran, and how it ended, stands in the Pod's
 * workflow: nothing runs again because its container is gone.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runtime, RuntimeContainer, Sandbox } from '../../runtime/port.ts';
import type { NodeDirs } from '../dirs.ts';
import { eachInTurn } from './each-in-turn.ts';
import { podsOnDisk } from './pods-on-disk.ts';

export interface DeadContainers {
  runtime: Pick<Runtime, 'listContainers' | 'listSandboxes' | 'removeContainer' | 'removeSandbox'>;
  dirs: NodeDirs;
}

type Container = Pick<RuntimeContainer, 'id' | 'sandboxId' | 'pod' | 'name' | 'attempt' | 'state'>;
type Box = Pick<Sandbox, 'id' | 'pod' | 'attempt' | 'ready'>;

/** Removes what is of no use any more. Throws at the end what stood in the way; that is tried again the next time. */
export async function removeDeadContainers({ runtime, dirs }: DeadContainers): Promise<void> {
  const [sandboxes, containers] = await Promise.all([runtime.listSandboxes({}), runtime.listContainers({})]);
  // A runtime may be shared: what others made is theirs to remove.
  const own = new Set((await podsOnDisk(dirs)).map(({ uid }) => uid));
  const isOwn = ({ pod }: { pod: { uid: string } }) => own.has(pod.uid);
  const spent = spentContainers(containers.filter(isOwn), sandboxes);
  const left = new Set(containers);
  try {
    await eachInTurn(spent, async (container) => {
      await runtime.removeContainer(container.id);
      left.delete(container);
      await removeLogs(dirs, container);
    });
  } finally {
    await eachInTurn(spentSandboxes(sandboxes.filter(isOwn), [...left]), ({ id }) => runtime.removeSandbox(id));
  }
}

/**
 * All dead containers but the newest of each name in each Pod. What was only created is about to run, unless its sandbox
 * has ended: then it never will.
 */
export function spentContainers<C extends Container>(containers: C[], sandboxes: Pick<Box, 'id' | 'ready'>[]): C[] {
  const ended = new Set(sandboxes.filter(({ ready }) => !ready).map(({ id }) => id));
  const neverToRun = containers.filter(({ state, sandboxId }) => state === 'created' && ended.has(sandboxId));
  const dead = containers.filter(({ state }) => state === 'exited' || state === 'unknown');
  const byName = Map.groupBy(dead, ({ pod, name }) => `${pod.uid}/${name}`);
  const older = [...byName.values()].flatMap((same) => same.toSorted((a, b) => b.attempt - a.attempt).slice(1));
  return [...neverToRun, ...older];
}

/** All sandboxes that have ended and hold no container, but for the newest of each Pod. */
export function spentSandboxes<B extends Box>(sandboxes: B[], containers: Pick<Container, 'sandboxId'>[]): B[] {
  const holding = new Set(containers.map(({ sandboxId }) => sandboxId));
  const byPod = Map.groupBy(sandboxes, ({ pod }) => pod.uid);
  return [...byPod.values()]
    .flatMap((ofPod) => ofPod.toSorted((a, b) => b.attempt - a.attempt).slice(1))
    .filter(({ id, ready }) => !ready && !holding.has(id));
}

async function removeLogs(dirs: NodeDirs, { pod, name, attempt }: Container): Promise<void> {
  const directory = join(dirs.podLogs(pod), name);
  const files = await readdir(directory).catch(() => []);
  const own = files.filter((file) => file === `${attempt}.log` || file.startsWith(`${attempt}.log.`));
  await Promise.all(own.map((file) => rm(join(directory, file), { force: true })));
}
