import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../pod/message-of.ts';
import { createApiClient } from './api-client.ts';
import { containerdPaths } from './containerd.ts';
import { Daemon } from './daemon.ts';
import { lockOwner, tryLock } from './file-lock.ts';
import { homeAt, isHome } from './home.ts';
import { readSaved } from './ports.ts';
import { localAddress, recallSettings } from './settings.ts';
import { ownTemporal, temporalCli, temporalProcessFile } from './temporal-place.ts';
import { findTool } from './tools.ts';

/** What runs in a home. */
export interface Status {
  home: string;
  /** The process, when it runs. */
  durapod?: number;
  api?: { url: string; ready: boolean; problem?: string };
  temporal: 'running' | 'stopped' | string;
  temporalUi?: string;
  /** What a command of Temporal's CLI begins with; absent where there is no Temporal yet. */
  temporalCli?: string;
  containerd?: 'running' | 'stopped';
  /** Absent on a node alone. */
  kubeconfig?: string;
}

/** Looks, and changes nothing; undefined when durapod was never started there. */
export async function status(root: string): Promise<Status | undefined> {
  if (!isHome(root)) return undefined;
  const home = homeAt(root);
  const settings = recallSettings(home);
  const ports = readSaved(home.ports);
  const lock = tryLock(home.lock, { quiet: true });
  lock?.release();
  const found: Status = {
    home: root,
    temporal: settings?.temporal ?? (Daemon.isHeld(temporalProcessFile(home)) ? 'running' : 'stopped'),
    ...(existsSync(home.kubeconfig) && { kubeconfig: home.kubeconfig }),
  };
  if (!lock) found.durapod = lockOwner(home.lock);
  if (!settings?.temporal && ports['temporal-ui']) found.temporalUi = `http://127.0.0.1:${ports['temporal-ui']}`;
  const { temporal, temporalNamespace: namespace = 'default' } = settings ?? {};
  const program = temporal ? 'temporal' : findTool('temporal');
  const address = temporal ?? (ports.temporal && ownTemporal(ports));
  if (program && address) found.temporalCli = temporalCli(program, { address, namespace });
  if (settings?.runtime?.kind === 'containerd') {
    found.containerd = Daemon.isHeld(containerdPaths(home).processFile) ? 'running' : 'stopped';
  }
  if (ports.API) {
    const url = `https://${localAddress(settings?.listen ?? '127.0.0.1')}:${ports.API}`;
    found.api = { url, ...(await askReady(url, home.pki)) };
  }
  return found;
}

async function askReady(url: string, pki: string): Promise<{ ready: boolean; problem?: string }> {
  try {
    const read = (name: string) => readFileSync(join(pki, name), 'utf8').trim();
    const api = createApiClient({ url, ca: read('ca.crt'), token: read('admin.token') });
    const { code, body } = await api('GET', '/readyz');
    return code === 200 ? { ready: true } : { ready: false, problem: String(body).trim().split('\n').join(', ') };
  } catch (error) {
    return { ready: false, problem: messageOf(error) };
  }
}

/** For people. */
export function describeStatus(found: Status): string {
  const api = found.api && `${found.api.url} (${found.api.ready ? 'ready' : `not ready: ${found.api.problem}`})`;
  const lines: [string, string | undefined][] = [
    ['durapod', found.durapod ? `running (process ${found.durapod})` : 'stopped'],
    ['API', api],
    ['Temporal', found.temporalUi ? `${found.temporal}, UI ${found.temporalUi}` : found.temporal],
    ['Temporal CLI', found.temporalCli],
    ['containerd', found.containerd],
    ['kubeconfig', found.kubeconfig],
    ['state, logs', found.home],
  ];
  return lines
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name.padEnd(12)} ${value}`)
    .join('\n');
}
