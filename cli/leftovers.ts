import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bridgeName, containerdPaths } from './containerd.ts';
import type { Home } from './home.ts';
import { isRunning, type ProcessId, parseIdentity, terminate } from './process.ts';
import { runCommand } from './run-command.ts';
import { findProgram } from './tools/context.ts';

const COMMAND_MS = 30_000;
const GRACE_MS = 2000;
/** Not there where the system is not Linux. */
const MOUNTS = '/proc/self/mountinfo';

/**
 * Removes what a containerd of this home may leave in the kernel, by other means than containerd: containers (by runc),
 * their shims, mounts, the bridge and the rules of its network. All of it is told apart by the home's own paths and
 * names; what is gone is done.
 */
export async function removeLeftovers(home: Home): Promise<void> {
  await removeContainers(home);
  await endShims(home);
  await removeMounts(home);
  await removeNetwork(bridgeName(home.root));
}

/** Unmounts what is below the home: volumes in memory, whatever ran the containers. */
export async function removeMounts(home: Home): Promise<void> {
  if (!existsSync(MOUNTS)) return;
  for (const path of mountsBelow(readFileSync(MOUNTS, 'utf8'), home.root)) {
    // Lazily: a mount that is in use goes as soon as it is not.
    await runCommand('umount', ['-l', path], { timeoutMs: COMMAND_MS });
  }
}

async function removeContainers(home: Home): Promise<void> {
  const root = join(containerdPaths(home).state, 'runc', 'k8s.io');
  const runc = findProgram('runc', process.env);
  if (!runc || !existsSync(root)) return;
  for (const id of readdirSync(root)) {
    await runCommand(runc, ['--root', root, 'delete', '--force', id], { timeoutMs: COMMAND_MS }).catch(() => undefined);
  }
}

/** A shim names its containerd's socket on its command line. */
async function endShims(home: Home): Promise<void> {
  const sockets = [containerdPaths(home).socket, join(home.root, 'run', 'containerd.sock')];
  const shims: ProcessId[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const words = read(`/proc/${pid}/cmdline`).split('\0');
    const shim = words[0]?.includes('containerd-shim') && sockets.includes(words[words.indexOf('-address') + 1] ?? '');
    const identity = shim ? parseIdentity(read(`/proc/${pid}/stat`)) : undefined;
    if (identity) shims.push(identity);
  }
  await Promise.all(shims.filter(isRunning).map((shim) => terminate(shim, GRACE_MS)));
}

/** Mount points at or below a directory, the deepest first. The kernel writes odd characters in octal. */
export function mountsBelow(mountinfo: string, directory: string): string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .map((path) => path.replace(/\\([0-7]{3})/g, (_all, octal) => String.fromCharCode(Number.parseInt(octal, 8))))
    .filter((path) => path === directory || path.startsWith(`${directory}/`))
    .reverse();
}

async function removeNetwork(bridge: string): Promise<void> {
  if (existsSync(`/sys/class/net/${bridge}`)) {
    const ip = findProgram('ip', process.env);
    const busybox = findProgram('busybox', process.env) ?? 'busybox';
    const remove = ['link', 'delete', bridge];
    await runCommand(ip ?? busybox, ip ? remove : ['ip', ...remove], { timeoutMs: COMMAND_MS });
  }
  const iptables = findProgram('iptables', process.env);
  if (!iptables) return;
  const run = (args: string[]) => runCommand(iptables, ['-w', '10', '-t', 'nat', ...args], { timeoutMs: COMMAND_MS });
  const rules = await run(['-S']).catch(() => '');
  for (const args of undoRules(rules, bridge)) await run(args).catch(() => undefined);
}

/**
 * What undoes the rules of a network in the nat table (as `iptables -S` lists them): the CNI plugins write the network's
 * name in the comment of each jump into a chain of one Pod.
 */
export function undoRules(rules: string, network: string): string[][] {
  const lines = rules.split('\n').map(words);
  const ours = lines.filter((line) => line[0] === '-A' && line.some((word) => word.includes(`name: "${network}"`)));
  const jumps = ours.filter((line) => !isPodChain(line[1]));
  const chains = [...new Set(ours.flatMap((line) => [line[1], line[line.indexOf('-j') + 1]]).filter(isPodChain))];
  return [
    ...jumps.map((line) => ['-D', ...line.slice(1)]),
    ...chains.flatMap((chain) => [['-F', chain]]),
    ...chains.map((chain) => ['-X', chain]),
  ];
}

/** A chain of one Pod: `CNI-` or `CNI-DN-` (host ports) and a hash. The shared ones have words in their names. */
function isPodChain(name: string | undefined): name is string {
  return name !== undefined && /^CNI-(DN-)?[0-9a-f]{5,}$/.test(name);
}

/** Splits a rule as a shell would: quotes group, a backslash takes the next character as it is. */
function words(line: string): string[] {
  const found = line.match(/"(?:\\.|[^"\\])*"|\S+/g) ?? [];
  return found.map((word) => (word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
