import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openCriRuntime } from '../runtime/cri/runtime.ts';
import {
  bridgeName,
  chooseSubnet,
  cniConfig,
  containerdCommand,
  containerdConfig,
  containerdPaths,
  routedSubnets,
} from './containerd.ts';
import { Daemon } from './daemon.ts';
import { makePrivateDirectory, writeFileAtomic } from './files.ts';
import type { Home } from './home.ts';
import { BUSYBOX_IMAGES, importImages, PAUSE_IMAGE, writeImageArchive } from './images.ts';

const READY_TIMEOUT_MS = 60_000;

export interface ContainerdPrograms {
  containerd: string;
  /** Any CNI plugin; the others are beside it. */
  cniPlugin: string;
}

/** A containerd of this home alone, with its own network for Pods. Its files are written; it is not started. */
export function containerdDaemon(home: Home, programs: ContainerdPrograms, log: (line: string) => void): Daemon {
  const paths = containerdPaths(home);
  const { root, state, socket, config, cni, cniData } = paths;
  for (const directory of [root, state, cni]) makePrivateDirectory(directory);
  const cniBinDir = dirname(programs.cniPlugin);
  const bridge = bridgeName(home.root);
  const subnet = chooseSubnet(home.root, routedSubnets(bridge));
  const settings = { root, state, socket, cniConfDir: cni, cniBinDir, pauseImage: PAUSE_IMAGE };
  writeFileAtomic(config, containerdConfig(settings), 0o600);
  writeFileAtomic(join(cni, '10-durapod.conflist'), cniConfig({ bridge, subnet, dataDir: cniData }), 0o600);
  return new Daemon({
    name: 'containerd',
    command: programs.containerd,
    args: containerdCommand(config).args,
    // Its shims, runc and iptables are not on every user's PATH.
    env: { PATH: `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin` },
    processFile: paths.processFile,
    logFile: paths.logFile,
    ready: () => containerdAnswers(socket),
    readyTimeoutMs: READY_TIMEOUT_MS,
    log,
  });
}

/** Makes the images that Pods can use without a registry, where they are not there yet. Resolves with their names. */
export async function ensureImages(home: Home, busybox: string): Promise<string[]> {
  const { socket, archive } = containerdPaths(home);
  const wanted = [PAUSE_IMAGE, ...BUSYBOX_IMAGES];
  const runtime = await openCriRuntime({ socket });
  try {
    const found = await Promise.all(wanted.map((image) => runtime.imageStatus(image)));
    if (!found.every(Boolean)) {
      await writeImageArchive(archive, busybox);
      await importImages(socket, archive);
      // containerd has its own copy.
      if (existsSync(archive)) rmSync(archive);
    }
  } finally {
    await runtime.close();
  }
  return BUSYBOX_IMAGES;
}

async function containerdAnswers(socket: string): Promise<void> {
  const runtime = await openCriRuntime({ socket });
  try {
    const { ready, networkReady, message } = await runtime.info();
    if (!ready || !networkReady) throw new Error(message ?? 'not ready');
  } finally {
    await runtime.close();
  }
}
