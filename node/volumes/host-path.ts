/** Files and directories of the host (Kubernetes docs: "hostPath volume types"). */
import type { Stats } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';

const checks: Record<string, { is(stats: Stats): boolean; what: string }> = {
  Directory: { is: (stats) => stats.isDirectory(), what: 'a directory' },
  File: { is: (stats) => stats.isFile(), what: 'a file' },
  Socket: { is: (stats) => stats.isSocket(), what: 'a socket file' },
  CharDevice: { is: (stats) => stats.isCharacterDevice(), what: 'a character device' },
  BlockDevice: { is: (stats) => stats.isBlockDevice(), what: 'a block device' },
};

/** Checks that the path is what the Pod says, and makes it where the type says so. Throws what is wrong. */
export async function setUpHostPath({ path, type = '' }: { path: string; type?: string }): Promise<void> {
  if (!path.startsWith('/')) throw new Error(`invalid HostPath \`${path}\`: must be an absolute path`);
  if (path.split('/').includes('..')) throw new Error(`invalid HostPath \`${path}\`: must not contain '..'`);
  if (type === '') return;
  const wanted = type.replace(/OrCreate$/, '');
  const check = checks[wanted];
  const isKnown = check && (type === wanted || wanted === 'Directory' || wanted === 'File');
  if (!isKnown) throw new Error(`hostPath type "${type}" is not one of ${Object.keys(checks).join(', ')}`);
  const stats = await stat(path).catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!stats && type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: 0o755 });
  else if (!stats && type === 'FileOrCreate') await (await open(path, 'a', 0o644)).close();
  else if (!stats || !check.is(stats)) throw new Error(`hostPath type check failed: ${path} is not ${check.what}`);
}
