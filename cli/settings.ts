import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { writeFileAtomic } from './files.ts';
import { type Home, homeDirectory } from './home.ts';
import { type HousekeepingOptions, type HousekeepingSettings, parseHousekeeping } from './housekeeping-options.ts';
import { parsePort } from './ports.ts';
import { codeOf, UserError } from './user-error.ts';

/** What runs containers: our own containerd, a simulation, or any CRI runtime by its socket. */
export type RuntimeChoice = { kind: 'containerd' } | { kind: 'sim' } | { kind: 'socket'; socket: string };

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Options as they are on the command line. */
export interface Options extends HousekeepingOptions {
  home?: string;
  listen?: string;
  apiName?: string[];
  port?: string;
  temporal?: string;
  temporalNamespace?: string;
  temporalPort?: string;
  uiPort?: string;
  nodePort?: string;
  nodeName?: string;
  nodeAddress?: string;
  runtime?: string;
  store?: string;
  logLevel?: string;
}

/** Options, checked, with their defaults. */
export interface Settings {
  /** Absolute path. */
  home: string;
  /** The address that the API and the node's endpoint listen on. */
  listen: string;
  /** Further names under which clients reach the API. */
  apiNames: string[];
  port?: number;
  /** A server that is not ours: `host:port`. */
  temporal?: string;
  temporalNamespace: string;
  temporalPort?: number;
  uiPort?: number;
  nodePort?: number;
  nodeName: string;
  /** Under which the control side reaches the node; the machine's own address when absent. */
  nodeAddress?: string;
  runtime: RuntimeChoice;
  store: { kind: 'sqlite'; path?: string } | { kind: 'postgres'; url: string };
  logLevel: LogLevel;
  housekeeping: HousekeepingSettings;
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
const ALL_ADDRESSES = ['0.0.0.0', '::'];

/** A DNS label or subdomain, which a node's name must be (Kubernetes: RFC 1123). */
const NODE_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Checks the options. Throws UserError naming the option. */
export function parseSettings(options: Options): Settings {
  const port = (text: string | undefined, flag: string) => (text === undefined ? undefined : parsePort(text, flag));
  const listen = options.listen ?? '127.0.0.1';
  checkTemporal(options);
  return {
    home: homeDirectory(options.home),
    listen,
    apiNames: [...(options.apiName ?? []), ...(LOOPBACK.includes(listen) ? [] : ownNames(listen))],
    port: port(options.port, '--port'),
    temporal: options.temporal,
    temporalNamespace: options.temporalNamespace ?? 'default',
    temporalPort: port(options.temporalPort, '--temporal-port'),
    uiPort: port(options.uiPort, '--ui-port'),
    nodePort: port(options.nodePort, '--node-port'),
    nodeName: parseNodeName(options.nodeName ?? hostname().toLowerCase()),
    nodeAddress: options.nodeAddress,
    runtime: parseRuntime(options.runtime ?? 'containerd'),
    store: parseStore(options.store),
    logLevel: parseLogLevel(options.logLevel ?? 'info'),
    housekeeping: parseHousekeeping(options),
  };
}

/** Options of a Temporal server are refused when that server is not the one that is used. */
function checkTemporal({ temporal, temporalNamespace, temporalPort, uiPort }: Options): void {
  if (!temporal && temporalNamespace) {
    throw new UserError(
      "--temporal-namespace is of a server given by --temporal: durapod's own has no other namespace",
    );
  }
  const own = temporalPort ? '--temporal-port' : uiPort ? '--ui-port' : undefined;
  if (temporal && own) throw new UserError(`${own} is of durapod's own Temporal: with --temporal there is none`);
}

/** Under which a client elsewhere may reach what listens on `address`. */
function ownNames(address: string): string[] {
  if (!ALL_ADDRESSES.includes(address)) return [address, hostname()];
  const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return [hostname(), ...interfaces.filter((one) => !one.internal).map((one) => one.address.replace(/%.*/, ''))];
}

/** An address at which this machine reaches what listens on `address`. */
export function localAddress(address: string): string {
  if (!ALL_ADDRESSES.includes(address)) return address;
  return address === '::' ? '::1' : '127.0.0.1';
}

function parseNodeName(name: string): string {
  if (NODE_NAME.test(name) && name.length <= 253) return name;
  throw new UserError(`"${name}" cannot be a node's name: choose one of a-z, 0-9, "-" and "." with --node-name`);
}

function parseRuntime(text: string): RuntimeChoice {
  if (text === 'containerd' || text === 'sim') return { kind: text };
  const socket = text.replace(/^unix:\/\//, '');
  if (socket.startsWith('/')) return { kind: 'socket', socket };
  throw new UserError(`--runtime must be containerd, sim or the path of a CRI socket, not "${text}"`);
}

function parseStore(text: string | undefined): Settings['store'] {
  if (text === undefined) return { kind: 'sqlite' };
  if (/^postgres(ql)?:\/\//.test(text)) return { kind: 'postgres', url: text };
  // A URL may carry a password: it is not repeated.
  if (text.includes('://')) throw new UserError('--store must be a file or a postgres:// URL');
  return { kind: 'sqlite', path: resolve(text) };
}

function parseLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (level) return level;
  throw new UserError(`--log-level must be one of ${LOG_LEVELS.join(', ')}, not "${text}"`);
}

/** What `status` and `down` must know of the last start. */
export interface Remembered {
  /** Absent without a node. */
  runtime?: RuntimeChoice;
  listen: string;
  /** Absent when Temporal is ours. */
  temporal?: string;
  /** Absent for Temporal's own default. */
  temporalNamespace?: string;
  /** True when the objects are in PostgreSQL. */
  postgres: boolean;
}

/** Remembers how durapod is started in this home. */
export function rememberSettings(home: Home, settings: Settings, withNode: boolean): void {
  const { listen, temporal, store } = settings;
  const temporalNamespace = settings.temporalNamespace === 'default' ? undefined : settings.temporalNamespace;
  const runtime = withNode ? settings.runtime : undefined;
  const remembered: Remembered = { runtime, listen, temporal, temporalNamespace, postgres: store.kind === 'postgres' };
  writeFileAtomic(home.settings, `${JSON.stringify(remembered, undefined, 2)}\n`, 0o600);
}

/** How durapod was last started in this home; undefined when it never was. */
export function recallSettings(home: Home): Remembered | undefined {
  try {
    return JSON.parse(readFileSync(home.settings, 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new UserError(`${home.settings} cannot be read: start durapod once with the same --home to write it anew`);
  }
}
