import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What the cgroup of each container is given where the machine has the unified hierarchy (cgroup v2), as by the kubelet
 * unless told otherwise: no swap, and when memory runs out all of the container's processes are killed, not just one.
 */
export async function unifiedSettings(
  root = '/sys/fs/cgroup',
  ofSelf = '/proc/self/cgroup',
): Promise<Record<string, string>> {
  const controllers = await readFile(join(root, 'cgroup.controllers'), 'utf8').catch(() => '');
  if (!controllers.trim().split(' ').includes('memory')) return {};
  const own = /^0::(.*)$/m.exec(await readFile(ofSelf, 'utf8'))?.[1] ?? '/';
  // The root has no such file, whatever the kernel can do.
  const canLimitSwap = await access(join(root, own, 'memory.swap.max')).then(
    () => true,
    () => false,
  );
  return { 'memory.oom.group': '1', ...(canLimitSwap && { 'memory.swap.max': '0' }) };
}
