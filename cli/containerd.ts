/** A containerd of durapod's own, beside any other: what to write into its files, how to start it, its Pods' network. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import type { Home } from './home.ts';
import { UserError } from './user-error.ts';

/** Where our containerd keeps and finds things. */
export function containerdPaths(home: Home) {
  return {
    socket: join(home.run, 'containerd.sock'),
    root: join(home.containerd, 'root'),
    state: join(home.containerd, 'state'),
    config: join(home.containerd, 'config.toml'),
    cni: join(home.containerd, 'cni'),
    cniData: join(home.containerd, 'cni-data'),
    processFile: join(home.root, 'run', 'containerd.process'),
    logFile: join(home.log, 'containerd.log'),
    archive: join(home.images, 'images.tar'),
  };
}

export interface ContainerdSettings {
  /** Images, layers and metadata: kept. */
  root: string;
  /** Sockets, mounts and runc's state: not kept over a reboot. */
  state: string;
  /** Path of the unix socket for CRI and containerd's own services. */
  socket: string;
  /** Directory that holds nothing but the file of cniConfig. */
  cniConfDir: string;
  /** Where the CNI plugins are; Debian's place when absent. */
  cniBinDir?: string;
  /** Image of the sandbox's own process. It must be in the store already: there may be no registry. */
  pauseImage: string;
}

/** A unix socket's path may have 107 bytes, and containerd makes a second one with this suffix. */
const LONGEST_SOCKET = 107 - '.ttrpc'.length;

/** containerd's configuration (TOML, its version 2, which containerd 1.6 to 2.x read). Throws UserError for a long socket path. */
export function containerdConfig(settings: ContainerdSettings): string {
  if (Buffer.byteLength(settings.socket) > LONGEST_SOCKET)
    throw new UserError(`the socket path ${settings.socket} is too long: choose a shorter DURAPOD_HOME`);
  const s = toml;
  return `version = 2
root = ${s(settings.root)}
state = ${s(settings.state)}

[grpc]
  address = ${s(settings.socket)}

# On a busy machine the state of a sandbox that is not told in time is taken for none, and its containers fail to start.
[timeouts]
  "io.containerd.timeout.task.state" = "10s"

# Would be made in /opt otherwise, for every containerd of the machine.
[plugins."io.containerd.internal.v1.opt"]
  path = ${s(`${settings.root}/opt`)}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${s(settings.pauseImage)}
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  netns_mounts_under_state_dir = true
  # A machine that is itself a container often may neither lower OOM scores nor load AppArmor profiles.
  restrict_oom_score_adj = true
  disable_apparmor = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    conf_dir = ${s(settings.cniConfDir)}
    bin_dir = ${s(settings.cniBinDir ?? '/usr/lib/cni')}

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = "runc"
        Root = ${s(`${settings.state}/runc`)}
        SystemdCgroup = false
`;
}

/** How to start it: the program and its arguments. It ends with SIGTERM and leaves its containers running. */
export function containerdCommand(configPath: string): { command: string; args: string[] } {
  return { command: 'containerd', args: ['--config', configPath] };
}

export interface CniSettings {
  /** Also the network's name. At most 15 characters. */
  bridge: string;
  /** As `10.64.0.0/22`. */
  subnet: string;
  /** Where the addresses in use are kept. */
  dataDir: string;
}

/** The CNI configuration list (JSON) of the Pods' network: a bridge with addresses, a route out, and host ports. */
export function cniConfig({ bridge, subnet, dataDir }: CniSettings): string {
  const network = {
    cniVersion: '1.0.0',
    name: bridge,
    plugins: [
      {
        type: 'bridge',
        bridge,
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: { type: 'host-local', dataDir, ranges: [[{ subnet }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
  return `${JSON.stringify(network, null, 2)}\n`;
}

/** The bridge of a state directory: a name for this home alone, short enough for an interface. */
export function bridgeName(home: string): string {
  return `durapod${hash(home).toString('hex').slice(0, 8)}`;
}

/** Subnets to choose from: 10.64.0.0/10, in parts with room for 1021 Pods. */
const FIRST = (10 << 24) + (64 << 16);
const PREFIX = 22;
const PARTS = 1 << (PREFIX - 10);

/**
 * The subnet of a state directory: the same whenever it is free, so that homes differ and a home keeps its own.
 * `taken` are the subnets the machine has routes to (without this home's own bridge). Throws UserError when none is free.
 */
export function chooseSubnet(home: string, taken: string[]): string {
  const used = taken.map(range);
  const start = hash(home).readUInt32BE(0) % PARTS;
  for (let i = 0; i < PARTS; i++) {
    const subnet = `${dotted(FIRST + ((start + i) % PARTS) * 2 ** (32 - PREFIX))}/${PREFIX}`;
    const [from, to] = range(subnet);
    if (used.every(([low, high]) => to < low || from > high)) return subnet;
  }
  throw new UserError('no subnet of 10.64.0.0/10 is free for Pods: remove one of the routes into it (ip route)');
}

/** The subnets this machine has routes to, but for the default route and those through `ownBridge`. */
export function routedSubnets(ownBridge: string): string[] {
  return parseRoutes(readFileSync('/proc/net/route', 'utf8'), ownBridge);
}

/** Reads the kernel's table of IPv4 routes: hexadecimal, in the byte order of the machine (little-endian on all we run on). */
export function parseRoutes(table: string, ownBridge: string): string[] {
  const number = (hex: string) => Buffer.from(hex, 'hex').readUInt32LE(0);
  return table
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([device]) => device !== ownBridge)
    .map(([, destination = '', , , , , , mask = '']) => {
      const bits = number(mask).toString(2).replaceAll('0', '').length;
      return { address: dotted(number(destination)), bits };
    })
    .filter(({ bits }) => bits > 0)
    .map(({ address, bits }) => `${address}/${bits}`);
}

function range(subnet: string): [number, number] {
  const [address = '', bits] = subnet.split('/');
  if (!isIPv4(address)) throw new Error(`${subnet} is no IPv4 subnet`);
  const size = 2 ** (32 - Number(bits));
  const value = address.split('.').reduce((total, part) => total * 256 + Number(part), 0);
  const from = value - (value % size);
  return [from, from + size - 1];
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** A TOML basic string: JSON's escapes are a subset of TOML's. */
function toml(text: string): string {
  return JSON.stringify(text);
}
