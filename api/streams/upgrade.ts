import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Inbound, refuse, UpgradeRefused } from '../../net/tunnel.ts';
import type { Log } from '../../pod/log.ts';
import { attributesOf } from '../attributes.ts';
import { demand } from '../authorize.ts';
import type { Identity } from '../deps.ts';
import { ApiError, badRequest, failureStatus, noSuchPath, unauthorized } from '../errors.ts';
import { chooseContainer } from './container-choice.ts';
import { flag } from './flag.ts';
import { type StreamDeps, unreachable } from './log.ts';
import { serveLogWebSocket } from './log-websocket.ts';
import type { NodeAddress } from './node-connector.ts';
import { nodeOf, podPath, readPod, refOf } from './pod-target.ts';

/** Takes an upgrade off Node's server: answers it or refuses it, never rejects. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;

export interface UpgradeDeps extends StreamDeps {
  identify(request: Request, env: unknown): Promise<Identity | undefined>;
  log: Log;
}

const PATH = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/(exec|attach|portforward|log)$/;

/** Exec, attach, port-forward and logs over upgraded connections, with the checks of the API's other requests. */
export function createUpgrade(deps: UpgradeDeps): UpgradeHandler {
  return async (request, socket, head) => {
    socket.on('error', () => {});
    try {
      await serveUpgrade(deps, { request, socket, head });
    } catch (error) {
      // A client that has gone needs no answer.
      if (socket.destroyed) return;
      if (!(error instanceof ApiError)) deps.log.error({ err: error }, 'an upgrade failed');
      const status = failureStatus(error);
      const body = Buffer.from(JSON.stringify(status));
      refuse(socket, status.code, STATUS_CODES[status.code] ?? 'Error', 'application/json', body);
    }
  };
}

/** The headers that say who asks, and as whom. */
const whoAsks = ({ headers }: IncomingMessage): [string, string][] =>
  Object.entries(headers)
    .filter(([name]) => name === 'authorization' || name.startsWith('impersonate-'))
    .map(([name, value]) => [name, String(value)]);

async function serveUpgrade(deps: UpgradeDeps, inbound: Inbound): Promise<void> {
  const { request, socket } = inbound;
  const url = new URL(request.url ?? '/', 'https://api');
  const identity = await deps.identify(new Request(url, { headers: whoAsks(request) }), { incoming: request });
  if (!identity) throw unauthorized();
  demand(identity, attributesOf(request.method ?? 'GET', url.pathname, url.searchParams));

  const [, namespace, name, action] = PATH.exec(url.pathname) ?? [];
  if (!namespace || !name || !action) throw noSuchPath(url.pathname);
  const params = url.searchParams;
  if (action === 'log') return serveLogWebSocket(deps, inbound, namespace, name, params);

  const pod = await readPod(deps.store, namespace, name);
  const container = action === 'portforward' ? '' : chooseContainer(pod, params.get('container') ?? undefined);
  if (!pod.spec.nodeName) throw badRequest(`pod ${name} does not have a host assigned`);
  const node = await nodeOf(deps.store, pod);
  const path =
    action === 'portforward'
      ? `/portForward/${podPath(refOf(pod))}?${ports(params)}`
      : `/${action}/${podPath(refOf(pod))}/${encodeURIComponent(container)}?${streams(action, params)}`;
  await deps.nodes.upgrade(node, path, inbound).catch((error: unknown) => answerRefusal(socket, node, error));
}

/** A node's refusal is handed on as it is: it names what is wrong with the container. */
function answerRefusal(socket: Duplex, node: NodeAddress, error: unknown): void {
  if (socket.destroyed) return;
  if (!(error instanceof UpgradeRefused)) throw unreachable(node.name, error);
  if (error.status === 401) {
    throw new ApiError(500, 'InternalError', `node "${node.name}" does not accept the token of its API`);
  }
  refuse(socket, error.status, STATUS_CODES[error.status] ?? 'Error', error.contentType, error.body);
}

/** The API's parameters by the names the kubelet has for them. */
function streams(action: string, params: URLSearchParams): URLSearchParams {
  const query = new URLSearchParams();
  const names = { stdin: 'input', stdout: 'output', stderr: 'error', tty: 'tty' };
  for (const [ours, theirs] of Object.entries(names)) if (flag(params, ours)) query.set(theirs, '1');
  const command = params.getAll('command');
  if (action === 'exec' && command.length === 0) throw badRequest('exec needs at least one `command` parameter');
  for (const word of command) query.append('command', word);
  return query;
}

/** A port may be given several times, or as a list with commas. */
function ports(params: URLSearchParams): URLSearchParams {
  const all = params.getAll('ports').flatMap((text) => text.split(','));
  return new URLSearchParams(all.map((port): [string, string] => ['port', port]));
}
