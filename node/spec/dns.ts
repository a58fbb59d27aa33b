/** A Pod's resolver settings by dnsPolicy and dnsConfig (Kubernetes docs: "DNS for Services and Pods"). */
import { readFile } from 'node:fs/promises';
import type { Pod } from '../../pod/types.ts';
import type { SandboxSpec } from '../../runtime/port.ts';

export type Dns = NonNullable<SandboxSpec['dns']>;

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

function withinLimits(dns: Dns): { dns: Dns; warnings: string[] } {
  const servers = dns.servers.slice(0, MAX_SERVERS);
  const searches = dns.searches.slice(0, MAX_SEARCHES).filter((domain) => domain.length <= MAX_DOMAIN);
  while (searches.join(' ').length > MAX_SEARCH_CHARACTERS) searches.pop();
  const warnings: string[] = [];
  if (servers.length < dns.servers.length) {
    warnings.push(
      `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${servers.join(' ')}`,
    );
  }
  if (searches.length < dns.searches.length) {
    warnings.push(
      `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${searches.join(' ')}`,
    );
  }
  return { dns: { servers, searches, options: dns.options }, warnings };
}

/**
 * The settings, and what was left out of them, as the kubelet's events DNSConfigForming say it. There is no cluster DNS:
 * each policy but `None` is the host's settings.
 */
export function podDns({ spec }: Pod, resolvConf: string): { dns: Dns; warnings: string[] } {
  const { dnsPolicy, dnsConfig: { nameservers = [], searches = [], options = [] } = {} } = spec;
  const host: Dns = dnsPolicy === 'None' ? { servers: [], searches: [], options: [] } : parseResolvConf(resolvConf);
  const added = options.map(({ name, value }) => (value ? `${name}:${value}` : name!));
  return withinLimits({
    servers: unique([...host.servers, ...nameservers]),
    searches: unique([...host.searches, ...searches]),
    options: mergeOptions([...host.options, ...added]),
  });
}
