/** Which sysctls a Pod may set (Kubernetes docs: "Using sysctls in a Kubernetes Cluster"). */
import type { Pod } from '../../pod/types.ts';
import { SandboxConfigError } from './errors.ts';

/** Kept apart by the kernel, and harmless to the node. */
const safe = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
]);

/** The Pod's sysctls by their dotted names. Throws SandboxConfigError for one that is not allowed. */
export function podSysctls(pod: Pod): Record<string, string> {
  const sysctls: Record<string, string> = {};
  for (const { name: written, value } of pod.spec.securityContext?.sysctls ?? []) {
    // Slashes and dots are two ways to write the same name; the separator that comes first decides.
    const name = /^[^./]*\//.test(written) ? written.replace(/[./]/g, (c) => (c === '/' ? '.' : '/')) : written;
    const forbid = (why: string): never => {
      throw new SandboxConfigError('SysctlForbidden', `forbidden sysctl: "${written}" ${why}`);
    };
    if (!safe.has(name)) forbid('is not one of the safe sysctls, and no others are allowed');
    if (name.startsWith('net.') && pod.spec.hostNetwork) forbid('not allowed with host net enabled');
    if (/^(kernel\.(shm|msg|sem)|fs\.mqueue\.)/.test(name) && pod.spec.hostIPC) {
      forbid('not allowed with host ipc enabled');
    }
    sysctls[name] = value;
  }
  return sysctls;
}
