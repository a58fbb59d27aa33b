/**
 * Images without a registry: one archive with a busybox for Pods and a pause for their sandboxes, made of the machine's
 * static busybox. Both are the same single layer; they differ in what they run.
 */
import { execFile } from 'node:child_process';
import { open, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { directory, type Entry, file, imageArchive, link, tar } from './image-archive.ts';
import { UserError } from './user-error.ts';

export const PAUSE_IMAGE = 'docker.io/durapod/pause:1';
export const BUSYBOX_IMAGES = ['docker.io/library/busybox:v1', 'docker.io/library/busybox:latest'];

/** A pause waits, ends at once when told to, and reaps what is left to it by Pods that share their process namespace. */
export const PAUSE = ['/bin/sh', '-c', 'trap "exit 0" TERM INT; while :; do sleep 2147483647 & wait; done'];

const run = promisify(execFile);

/** Writes the archive (docker's format; the same bytes for the same busybox). Throws UserError without a static busybox. */
export async function writeImageArchive(path: string, busybox = '/bin/busybox'): Promise<void> {
  await writeFile(path, await archiveOf(busybox));
}

/**
 * Loads the archive into the containerd at `socket` and pins the pause image against clean-up. Through `ctr`: it comes
 * with every containerd, and CRI itself can only pull. Importing again changes nothing.
 */
export async function importImages(socket: string, archive: string): Promise<void> {
  const ctr = async (...args: string[]) => {
    try {
      await run('ctr', ['--address', socket, '--namespace', 'k8s.io', ...args], { timeout: 120_000 });
    } catch (error) {
      throw new UserError(`ctr ${args.join(' ')} failed: ${error instanceof Error ? error.message.trim() : error}`);
    }
  };
  await ctr('images', 'import', archive);
  await ctr('images', 'label', PAUSE_IMAGE, 'io.cri-containerd.pinned=pinned');
}

async function archiveOf(busybox: string): Promise<Buffer> {
  const layer = await busyboxLayer(busybox);
  return imageArchive([
    { tags: BUSYBOX_IMAGES, layers: [layer], config: { Cmd: ['sh'] } },
    { tags: [PAUSE_IMAGE], layers: [layer], config: { Entrypoint: PAUSE } },
  ]);
}

/** A root file system with a busybox and a link for each of its applets. Throws UserError when it is not static. */
export async function busyboxLayer(busybox: string): Promise<Buffer> {
  await requireStatic(busybox);
  const { stdout } = await run(busybox, ['--list'], { timeout: 10_000 });
  const applets = stdout.split('\n').filter((name) => name !== '' && name !== 'busybox');
  return tar(rootFiles(await readFile(busybox), applets.sort()));
}

function rootFiles(busybox: Buffer, applets: string[]): Entry[] {
  return [
    ...['bin', 'dev', 'etc', 'home', 'proc', 'sys', 'usr', 'usr/bin', 'var', 'var/run'].map((name) => directory(name)),
    directory('root', 0o700),
    directory('tmp', 0o1777),
    directory('var/tmp', 0o1777),
    file('bin/busybox', busybox, 0o755),
    ...applets.map((name) => link(`bin/${name}`, 'busybox')),
    link('usr/bin/env', '../../bin/busybox'),
    file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n'),
    file('etc/group', 'root:x:0:\nnogroup:x:65534:\n'),
    file('etc/shadow', 'root:*:::::::\nnobody:*:::::::\n', 0o600),
  ];
}

/** A program that asks for an interpreter (a dynamic one) cannot run alone in an image. */
async function requireStatic(path: string): Promise<void> {
  const advice = "install Debian's package busybox-static (apt-get install busybox-static)";
  const program = await open(path).catch((error) => {
    throw new UserError(`no busybox at ${path}: ${advice}`, { cause: error });
  });
  try {
    const { buffer, bytesRead } = await program.read(Buffer.alloc(4096), 0, 4096, 0);
    if (!isStaticElf(buffer.subarray(0, bytesRead))) throw new UserError(`${path} is not a static program: ${advice}`);
  } finally {
    await program.close();
  }
}

/** Reads a 64-bit little-endian ELF file's first bytes: true when no program header names an interpreter. */
export function isStaticElf(head: Buffer): boolean {
  const PT_INTERP = 3;
  const is64BitLittleEndian =
    head.length >= 64 && head.readUInt32BE(0) === 0x7f454c46 && head[4] === 2 && head[5] === 1;
  if (!is64BitLittleEndian) return false;
  const offset = Number(head.readBigUInt64LE(32));
  const size = head.readUInt16LE(54);
  const count = head.readUInt16LE(56);
  for (let i = 0; i < count; i++) {
    const at = offset + i * size;
    if (at + 4 > head.length || head.readUInt32LE(at) === PT_INTERP) return false;
  }
  return true;
}
