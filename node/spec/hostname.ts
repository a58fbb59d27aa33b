/** A Pod's host name and domain (Kubernetes docs: "Pod hostname"). */
import type { Pod } from '../../pod/types.ts';
import { SandboxConfigError } from './errors.ts';

const MAX_HOSTNAME = 63;
/** What the kernel's node name field holds. */
const MAX_FQDN = 64;
const CLUSTER_DOMAIN = 'cluster.local';

/** The short name and the domain (empty without a subdomain). Names longer than 63 bytes are cut, without a `-` or `.` at the end. */
export function podHostname(pod: Pod): { hostname: string; domain: string } {
  const { hostname, subdomain, hostnameOverride } = pod.spec;
  const wanted = hostnameOverride || hostname || pod.metadata.name!;
  const cut = wanted.length > MAX_HOSTNAME ? wanted.slice(0, MAX_HOSTNAME).replace(/[-.]+$/, '') : wanted;
  const domain = subdomain && !hostnameOverride ? `${subdomain}.${pod.metadata.namespace}.svc.${CLUSTER_DOMAIN}` : '';
  return { hostname: cut, domain };
}

/**
 * The name the sandbox's kernel knows: the short one, or with setHostnameAsFQDN the whole one. Empty with host
 * networking, where it is the host's. Throws SandboxConfigError when the whole one does not fit.
 */
export function sandboxHostname(pod: Pod): string {
  if (pod.spec.hostNetwork) return '';
  const { hostname, domain } = podHostname(pod);
  if (!domain || !pod.spec.setHostnameAsFQDN) return hostname;
  const fqdn = `${hostname}.${domain}`;
  if (fqdn.length > MAX_FQDN) {
    throw new SandboxConfigError(
      'FailedCreatePodSandBox',
      `setHostnameAsFQDN: the name ${fqdn} has ${fqdn.length} characters and the kernel takes ${MAX_FQDN}; shorten hostname or subdomain`,
    );
  }
  return fqdn;
}
