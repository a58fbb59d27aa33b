/** Mounts of the host: the table of those there are, and the programs `mount` and `umount` (util-linux). */
import { readFile, realpath } from 'node:fs/promises';
import { release } from 'node:os';
import { runProgram } from './programs.ts';

const TIMEOUT_MS = 30_000;
const CAP_SYS_ADMIN = 21n;

/** True when this process may mount. Without it no real container runs either, and plain directories serve. */
export async function canMount(): Promise<boolean> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return ((capabilities >> CAP_SYS_ADMIN) & 1n) === 1n;
}

/** The mount points of a mountinfo(5) text, in the order they were mounted. Pure. */
export const parseMountPoints = (mountinfo: string): string[] =>
  mountinfo
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
    .map((path) => path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))));

const mountPoints = async (): Promise<string[]> => parseMountPoints(await readFile('/proc/self/mountinfo', 'utf8'));

export async function isMountPoint(path: string): Promise<boolean> {
  const real = await realpath(path);
  return (await mountPoints()).includes(real);
}

/** Mount points at or below a directory, the newest first: the order to unmount them in. */
export async function mountsBelow(directory: string): Promise<string[]> {
  const real = await realpath(directory);
  return (await mountPoints()).filter((path) => path === real || path.startsWith(`${real}/`)).reverse();
}

/** Since Linux 6.4 a tmpfs can be kept out of swap. */
function noSwap(): string[] {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 4) ? ['noswap'] : [];
}

export async function mountTmpfs(path: string, options: { sizeBytes: bigint; mode: number; gid?: number }) {
  const list = [
    `size=${options.sizeBytes}`,
    `mode=${options.mode.toString(8)}`,
    ...(options.gid === undefined ? [] : [`gid=${options.gid}`]),
    ...noSwap(),
  ];
  await runProgram('mount', ['-t', 'tmpfs', '-o', list.join(','), 'tmpfs', path], TIMEOUT_MS);
}

/** Binds without resolving the source's name again, so that /proc/<pid>/fd/<n> stays the open file it is. */
export async function bindMount(source: string, target: string): Promise<void> {
  await runProgram('mount', ['--no-canonicalize', '-o', 'bind', source, target], TIMEOUT_MS);
}

/** A mount that is busy is detached: it goes when its last user does, and nothing is below the path any more. */
export async function unmount(path: string): Promise<void> {
  const umount = (...options: string[]) => runProgram('umount', ['--no-canonicalize', ...options, path], TIMEOUT_MS);
  await umount().catch(() => umount('--lazy'));
}
