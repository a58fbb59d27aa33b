/** A Pod's resolver settings by dnsPolicy and dnsConfig (Kubernetes docs: "DNS for Services and Pods"). */
import { readFile } from 'node:fs/promises';
import type { Pod } from '../../pod/types.ts';
import type { SandboxSpec } from '../../runtime/port.ts';

export type Dns = NonNullable<SandboxSpec['dns']>;

/** Something worth an event on the Pod. */
export interface Note {
  reason: 'MissingClusterDNS' | 'DNSConfigForming';
  message: string;
}

// What resolvers take; beyond it some crash. The numbers are those of the Kubernetes API.
const MAX_SERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;
const MAX_DOMAIN = 253;

const unique = (items: string[]): string[] => [...new Set(items)];

/** Later options replace earlier ones of the same name. */
function mergeOptions(options: string[]): string[] {
  const byName = new Map(options.map((option) => [option.split(':', 1)[0], option]));
  return [...byName.values()];
}

/** Reads the lines of a resolv.conf(5) that matter. The last `search` line counts. */
function parseResolvConf(text: string): Dns {
  const dns: Dns = { servers: [], searches: [], options: [] };
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === 'nameserver' && values[0]) dns.servers.push(values[0]);
    if (keyword === 'search') dns.searches = values.filter((v) => v !== '.').map((v) => v.replace(/\.$/, ''));
    if (keyword === 'options') dns.options = mergeOptions([...dns.options, ...values]);
  }
  return dns;
}

/**
 * The host's resolv.conf. Behind systemd-resolved /etc/resolv.conf names a loopback address that a Pod cannot reach;
 * the file with the real servers stands beside it.
 */
export async function readHostResolvConf(): Promise<string> {
  const text = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  const stub = parseResolvConf(text).servers.some((server) => server === '127.0.0.53');
  return stub ? readFile('/run/systemd/resolve/resolv.conf', 'utf8').catch(() => text) : text;
}

function withinLimits(dns: Dns): { dns: Dns; notes: Note[] } {
  const servers = dns.servers.slice(0, MAX_SERVERS);
  const searches = dns.searches.slice(0, MAX_SEARCHES).filter((domain) => domain.length <= MAX_DOMAIN);
  while (searches.join(' ').length > MAX_SEARCH_CHARACTERS) searches.pop();
  const notes: Note[] = [];
  if (servers.length < dns.servers.length) {
    notes.push({
      reason: 'DNSConfigForming',
      message: `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${servers.join(' ')}`,
    });
  }
  if (searches.length < dns.searches.length) {
    notes.push({
      reason: 'DNSConfigForming',
      message: `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${searches.join(' ')}`,
    });
  }
  return { dns: { servers, searches, options: dns.options }, notes };
}

/** The settings, and what the Pod's owner should know about them. */
export function podDns(
  pod: Pod,
  host: { resolvConf: string; clusterDns?: string[]; clusterDomain?: string },
): { dns: Dns; notes: Note[] } {
  const { dnsPolicy = 'ClusterFirst', dnsConfig, hostNetwork } = pod.spec;
  const { resolvConf, clusterDns = [], clusterDomain = 'cluster.local' } = host;
  const wantsCluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork);
  const notes: Note[] = [];
  let dns: Dns = dnsPolicy === 'None' ? { servers: [], searches: [], options: [] } : parseResolvConf(resolvConf);
  if (wantsCluster && clusterDns.length > 0) {
    const services = `svc.${clusterDomain}`;
    dns = {
      servers: clusterDns,
      searches: unique([`${pod.metadata.namespace}.${services}`, services, clusterDomain, ...dns.searches]),
      options: ['ndots:5'],
    };
  } else if (wantsCluster) {
    notes.push({
      reason: 'MissingClusterDNS',
      message: `There is no cluster DNS for dnsPolicy "${dnsPolicy}"; the host's resolver settings are used ("Default").`,
    });
  }
  if (dnsConfig) {
    const options = (dnsConfig.options ?? []).map(({ name, value }) => (value ? `${name}:${value}` : name!));
    dns = {
      servers: unique([...dns.servers, ...(dnsConfig.nameservers ?? [])]),
      searches: unique([...dns.searches, ...(dnsConfig.searches ?? [])]),
      options: mergeOptions([...dns.options, ...options]),
    };
  }
  const limited = withinLimits(dns);
  return { dns: limited.dns, notes: [...notes, ...limited.notes] };
}
