import { join } from 'node:path';
import { createTokenIssuer } from '../api/service-accounts/token-issuer.ts';
import { storeApi } from '../worker/store-api.ts';
import { type ApiTarget, createApiClient } from './api-client.ts';
import type { KeyPair } from './certificates.ts';
import { startControlSide } from './control-side.ts';
import { type Home, lockHome, openHome } from './home.ts';
import { BUSYBOX_IMAGES } from './images.ts';
import type { JoinFile } from './join-file.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { openLog } from './log.ts';
import { remoteNodeApi } from './node-api.ts';
import { untilNodeReady } from './node-ready.ts';
import { startNodeSide } from './node-side.ts';
import { localTokens } from './node-tokens.ts';
import { openStore } from './parts.ts';
import { openPki } from './pki.ts';
import { choosePorts, DEFAULT_API_PORT, type PortRequest } from './ports.ts';
import { preflight } from './preflight.ts';
import { localAddress, type RuntimeChoice, rememberSettings, type Settings } from './settings.ts';
import { startRuntime } from './start-runtime.ts';
import { startTemporal, temporalPortRequests } from './start-temporal.ts';
import type { Steps } from './steps.ts';
import { installTemporalLogging } from './temporal-logging.ts';
import { toolContext } from './tools/context.ts';
import { ensureTool } from './tools.ts';

/** Which parts of durapod this process is. */
export type Roles = { control: true; node: boolean } | { control: false; node: true; join: JoinFile };

/** A durapod that runs. */
export interface Up {
  home: Home;
  /** The API, as an administrator reaches it; on a node alone, as the node does. */
  api: ApiTarget;
  /** Absent when Temporal is not ours. */
  temporalUi?: string;
  /** What a command of Temporal's CLI begins with. */
  temporalCli: string;
  /** Containers are simulated: there is no exec into them. */
  simulated: boolean;
  /** Stops durapod and our Temporal; Pods, and the containerd they run in, stay. */
  close(): Promise<void>;
}

/** Starts durapod with the given roles, each step one line. Throws UserError; what was started until then is stopped. */
export async function up(settings: Settings, roles: Roles, steps: Steps, signal: AbortSignal): Promise<Up> {
  await using started = new AsyncDisposableStack();
  const tools = toolContext(steps);
  await preflight(settings.home, tools.cache, roles.node && settings.runtime.kind === 'containerd');
  const home = openHome(settings.home);
  const lock = lockHome(home);
  started.defer(() => lock.release());
  const log = openLog(join(home.log, 'durapod.log'), settings.logLevel, steps);
  started.defer(() => log.close());
  installTemporalLogging(log.logger);
  const warn = (line: string) => log.logger.warn(line);

  const effective = roles.control ? settings : { ...settings, ...roles.join.temporal };
  const ports = await choosePorts(home.ports, portRequests(home, effective, roles), settings.listen);
  rememberSettings(home, effective, roles.node);

  // They do not need each other, and each takes a second.
  const [runtime, temporal] = await bothOrNeither(
    roles.node ? startRuntime({ home, choice: settings.runtime, tools, log: warn, signal }) : undefined,
    startTemporal({ home, settings: effective, ports, tools, log: warn, signal }),
    started,
  );
  signal.throwIfAborted();

  const control = roles.control && (await openControl());
  const node = roles.control ? undefined : roles.join;
  const api: ApiTarget = control ? control.api : node!.api;
  if (runtime) {
    const identity: { tls: KeyPair; token: string; name: string } = control
      ? { tls: control.pki.node, token: control.pki.tokens.node, name: settings.nodeName }
      : { tls: node!.tls, token: node!.api.token, name: node!.name };
    const side = await steps.step(`node ${identity.name}`, () =>
      startNodeSide({
        ...identity,
        address: settings.nodeAddress ?? node?.address,
        runtime: runtime.runtime,
        temporal,
        api: control ? storeApi(control.store, localTokens(control)) : remoteNodeApi(createApiClient(api)),
        root: home.node,
        host: settings.listen,
        port: ports.node!,
        witnessed: runtime.witnessed,
        housekeeping: { ...settings.housekeeping, keepImages: ownImages(settings.runtime) },
        log: log.logger,
      }),
    );
    started.defer(() => steps.step('stopping the node', () => side.close()));
    await steps.step('node is ready', () => untilNodeReady(createApiClient(api), identity.name, signal));
  }

  const stack = started.move();
  return {
    home,
    api,
    temporalUi: settings.temporal || !roles.control ? undefined : `http://127.0.0.1:${ports['temporal-ui']}`,
    temporalCli: temporal.cli,
    simulated: settings.runtime.kind === 'sim',
    close: () => stack.disposeAsync(),
  };

  async function openControl() {
    const schema = await ensureTool('kubernetes-schema', tools);
    const store = await steps.step('store', () => openStore(home, settings.store));
    started.defer(() => store.close());
    const pki = await openPki(home.pki, {
      apiNames: settings.apiNames,
      nodeAddresses: settings.apiNames,
      nodeName: settings.nodeName,
    });
    const now = () => new Date();
    const tokens = createTokenIssuer(pki.serviceAccounts, now);
    const url = `https://${hostInUrl(localAddress(settings.listen))}:${ports.API}`;
    const side = await steps.step('API and workflows', () =>
      startControlSide({
        store,
        temporal,
        pki,
        tokens,
        now,
        schema,
        host: settings.listen,
        port: ports.API!,
        localNode: roles.node ? { name: settings.nodeName, host: localAddress(settings.listen) } : undefined,
        log: log.logger,
      }),
    );
    started.defer(() => steps.step('stopping the API and workflows', () => side.close()));
    writeKubeconfig(home.kubeconfig, url, pki);
    return { store, pki, tokens, now, api: { url, ca: pki.ca.cert, token: pki.tokens.admin } };
  }
}

/** What durapod puts into its own containerd comes from no registry. */
function ownImages({ kind }: RuntimeChoice): string[] {
  return kind === 'containerd' ? BUSYBOX_IMAGES : [];
}

function portRequests(home: Home, settings: Settings, roles: Roles): PortRequest[] {
  const requests: PortRequest[] = [];
  if (roles.control) {
    requests.push({ name: 'API', flag: '--port', wanted: settings.port, fallback: DEFAULT_API_PORT, fixed: true });
  }
  if (roles.node) requests.push({ name: 'node', flag: '--node-port', wanted: settings.nodePort });
  if (!settings.temporal) requests.push(...temporalPortRequests(home, settings));
  return requests;
}

type Started<T> = Promise<T> | undefined;

/** Waits for both; both are given back on `started`, also when the other one fails. */
async function bothOrNeither<R extends { release(): Promise<void> }, T extends { stop(): Promise<void> }>(
  runtime: Started<R>,
  temporal: Promise<T>,
  started: AsyncDisposableStack,
): Promise<[R | undefined, T]> {
  const [first, second] = await Promise.allSettled([runtime, temporal]);
  if (first.status === 'fulfilled') started.defer(() => first.value?.release());
  if (second.status === 'fulfilled') started.defer(() => second.value.stop());
  if (first.status === 'rejected') throw first.reason;
  if (second.status === 'rejected') throw second.reason;
  return [first.value, second.value];
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
