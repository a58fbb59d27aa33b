/** The /etc/hosts of a Pod (Kubernetes docs: "Adding entries to Pod /etc/hosts with HostAliases"). */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Pod } from '../../pod/types.ts';
import { podHostname } from './hostname.ts';

function aliases({ spec }: Pod): string {
  if (!spec.hostAliases?.length) return '';
  const lines = spec.hostAliases.map(({ ip, hostnames }) => `${[ip, ...(hostnames ?? [])].join('\t')}\n`);
  return `\n# Entries added by HostAliases.\n${lines.join('')}`;
}

/** The host's own file when the Pod is on the host's network, else one with the Pod's addresses. Pure. */
export function hostsFile(pod: Pod, podIPs: string[], hostText: string): string {
  if (pod.spec.hostNetwork) return `# Kubernetes-managed hosts file (host network).\n${hostText}${aliases(pod)}`;
  const { hostname, domain } = podHostname(pod);
  const names = domain ? `${hostname}.${domain}\t${hostname}` : hostname;
  return [
    '# Kubernetes-managed hosts file.\n',
    '127.0.0.1\tlocalhost\n',
    '::1\tlocalhost ip6-localhost ip6-loopback\n',
    'fe00::0\tip6-localnet\n',
    'fe00::0\tip6-mcastprefix\n',
    'fe00::1\tip6-allnodes\n',
    'fe00::2\tip6-allrouters\n',
    ...podIPs.map((ip) => `${ip}\t${names}\n`),
    aliases(pod),
  ].join('');
}

/** Puts the file in place. It is written as it stands, not replaced: running containers have this very file mounted. */
export async function writeHostsFile(path: string, pod: Pod, podIPs: string[]): Promise<void> {
  const hostText = pod.spec.hostNetwork ? await readFile('/etc/hosts', 'utf8') : '';
  const text = hostsFile(pod, podIPs, hostText);
  const current = await readFile(path, 'utf8').catch(() => undefined);
  if (current === text) return;
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  await writeFile(path, text);
  await chmod(path, 0o644);
}
