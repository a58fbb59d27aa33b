import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '../pod/message-of.ts';
import { runCommand } from './run-command.ts';
import { UserError } from './user-error.ts';

const MIN_FREE_BYTES = 1024 ** 3;
const COMMAND_MS = 10_000;

/** What this machine and user have; undefined where it was not looked at. */
export interface Facts {
  linux: boolean;
  root: boolean;
  /** Free bytes by directory. */
  free: { directory: string; bytes: number; option: string }[];
  /** Why it does not work; absent when it does. */
  homeProblem?: string;
  overlayProblem?: string;
  cgroupProblem?: string;
}

/** What stands in the way, each in one line with what to do. `containers`: real ones, on this machine. */
export function problems(facts: Facts, containers: boolean): string[] {
  const found: string[] = [];
  if (facts.homeProblem) {
    found.push(`the state directory cannot be written (${facts.homeProblem}): choose another with --home`);
  }
  for (const { directory, bytes, option } of facts.free) {
    if (bytes >= MIN_FREE_BYTES) continue;
    const gib = (bytes / 1024 ** 3).toFixed(1);
    found.push(
      `only ${gib} GiB free at ${directory}, 1 GiB is needed: make room, or choose another place with ${option}`,
    );
  }
  if (!containers) return found;
  const instead = 'or use --runtime sim';
  if (!facts.linux) found.push(`not Linux: containers need it; run durapod on a Linux machine, ${instead}`);
  else if (!facts.root) found.push(`not root: containers need root; run with sudo, ${instead}`);
  if (facts.overlayProblem) {
    found.push(
      `no overlayfs in the state directory (${facts.overlayProblem}): choose one on ext4 or xfs with --home, ${instead}`,
    );
  }
  if (facts.cgroupProblem) {
    found.push(`cgroups cannot be written (${facts.cgroupProblem}): mount them writable at /sys/fs/cgroup, ${instead}`);
  }
  return found;
}

/** Checks this machine before anything is fetched or started. Throws a UserError with every problem. */
export async function preflight(home: string, cache: string, containers: boolean): Promise<void> {
  const facts: Facts = {
    linux: process.platform === 'linux',
    root: process.getuid?.() === 0,
    free: [
      { directory: home, bytes: freeBytes(home), option: '--home' },
      { directory: cache, bytes: freeBytes(cache), option: 'DURAPOD_CACHE' },
    ],
    homeProblem: writeProblem(home),
  };
  if (containers && facts.linux && facts.root) {
    if (!facts.homeProblem) facts.overlayProblem = await overlayProblem(home);
    facts.cgroupProblem = cgroupProblem();
  }
  const found = problems(facts, containers);
  if (found.length > 0) throw new UserError(found.join('\n'));
}

/** Checks what iptables finds in the kernel, once it is installed; the network of Pods needs its nat table. */
export async function checkIptables(path: string): Promise<void> {
  try {
    await runCommand(path, ['-w', '5', '-t', 'nat', '-S'], { timeoutMs: COMMAND_MS });
  } catch (error) {
    throw new UserError(
      `iptables does not work: ${messageOf(error)}\nLoad the kernel's modules (modprobe iptable_nat nf_tables), switch with update-alternatives --config iptables, or use --runtime sim`,
    );
  }
}

/** What there is of a path. */
function nearest(path: string): string {
  return existsSync(path) ? path : nearest(dirname(path));
}

function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(nearest(directory));
  return bavail * bsize;
}

/** Why a directory cannot be made there, or written where it is; undefined when it can. */
function writeProblem(directory: string): string | undefined {
  const there = nearest(directory);
  if (!statSync(there).isDirectory()) return `${there} is not a directory`;
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Mounting is the one sure test: it depends on the kernel, on its modules and on the file system below. */
async function overlayProblem(home: string): Promise<string | undefined> {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const directory = mkdtempSync(join(home, 'preflight-'));
  const at = (name: string) => join(directory, name);
  try {
    for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(at(name));
    const layers = `lowerdir=${at('lower')},upperdir=${at('upper')},workdir=${at('work')}`;
    await runCommand('mount', ['-t', 'overlay', 'overlay', '-o', layers, at('merged')], { timeoutMs: COMMAND_MS });
    await runCommand('umount', [at('merged')], { timeoutMs: COMMAND_MS });
    return undefined;
  } catch (error) {
    return messageOf(error).split('\n').at(-1)?.trim();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The unified hierarchy (v2), or the memory controller's (v1). */
function cgroupProblem(): string | undefined {
  const unified = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const directory = join('/sys/fs/cgroup', unified ? '' : 'memory', `durapod-preflight-${process.pid}`);
  try {
    accessSync(dirname(directory), constants.W_OK);
    mkdirSync(directory);
    rmdirSync(directory);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
