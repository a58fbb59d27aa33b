/** What a machine offers, and how a Node object says it. */
import { readFile, statfs } from 'node:fs/promises';
import { arch, cpus, hostname, networkInterfaces, release, totalmem } from 'node:os';
import type { Allocatable } from '../node/spec/context.ts';
import type { NodeFacts } from '../pod/contract.ts';
import { KUBERNETES } from '../pod/kubernetes.ts';
import type { RuntimeInfo } from '../runtime/port.ts';
import { ownAddress } from './own-address.ts';

export interface Machine {
  hostname: string;
  /** Primary first. */
  addresses: string[];
  allocatable: Allocatable;
  /** The machine does not let oom scores be lowered. */
  restrictOom: boolean;
  osImage: string;
  kernel: string;
  arch: string;
  bootId: string;
  machineId: string;
}

const MAX_PODS = 110;

/** Looks at the machine. `root` is where Pods' data will be: its disk is the ephemeral storage. */
export async function machineFacts(root: string): Promise<Machine> {
  const disk = await statfs(root);
  const release_ = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const text = (path: string) =>
    readFile(path, 'utf8').then(
      (t) => t.trim(),
      () => '',
    );
  return {
    hostname: hostname(),
    addresses: [
      ownAddress({
        ipv4Routes: await text('/proc/net/route'),
        ipv6Routes: await text('/proc/net/ipv6_route'),
        interfaces: networkInterfaces(),
      }),
    ],
    allocatable: {
      cpu: String(cpus().length),
      memory: `${Math.floor(totalmem() / 1024)}Ki`,
      'ephemeral-storage': `${Math.floor((disk.blocks * disk.bsize) / 1024)}Ki`,
    },
    restrictOom: await lacksSysResource(),
    osImage: /^PRETTY_NAME="?(.*?)"?$/m.exec(release_)?.[1] ?? 'Linux',
    kernel: release(),
    arch: arch() === 'x64' ? 'amd64' : arch(),
    bootId: await text('/proc/sys/kernel/random/boot_id'),
    machineId: await text('/etc/machine-id'),
  };
}

/** CAP_SYS_RESOURCE is bit 24 of the effective capabilities. */
async function lacksSysResource(): Promise<boolean> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const effective = BigInt(`0x${/^CapEff:\s*(\w+)/m.exec(status)?.[1] ?? '0'}`);
  return (effective & (1n << 24n)) === 0n;
}

export function nodeFacts(
  machine: Machine,
  self: { name: string; instance: string; runtime: RuntimeInfo; port: number },
): NodeFacts {
  const capacity = { ...machine.allocatable, pods: String(MAX_PODS) };
  return {
    instance: self.instance,
    labels: {
      'kubernetes.io/hostname': self.name,
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': machine.arch,
    },
    addresses: [
      ...machine.addresses.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: machine.hostname },
    ],
    capacity,
    allocatable: capacity,
    nodeInfo: {
      architecture: machine.arch,
      bootID: machine.bootId,
      containerRuntimeVersion: `${self.runtime.name}://${self.runtime.version}`,
      kernelVersion: machine.kernel,
      kubeProxyVersion: '',
      kubeletVersion: `${KUBERNETES}+durapod`,
      machineID: machine.machineId,
      operatingSystem: 'linux',
      osImage: machine.osImage,
      systemUUID: '',
    },
    features: { supplementalGroupsPolicy: self.runtime.supplementalGroupsPolicy },
    port: self.port,
  };
}
