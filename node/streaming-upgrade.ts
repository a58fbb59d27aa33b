import { type Inbound, pass, upgradeHeaders } from '../net/tunnel.ts';
import type { Runtime, RuntimeContainer } from '../runtime/port.ts';
import { StreamingError } from './streaming-error.ts';
import { flagParam, type StreamingRequest } from './streaming-request.ts';
import { isTranslated, isWebSocket, translateChannels, translateTunnel } from './streaming-websocket.ts';

const MAX_PORTS = 64;

/**
 * Connects exec, attach or port-forward to the runtime's streaming server. SPDY and the WebSocket protocols it speaks
 * pass through raw; newer ones are translated. Throws StreamingError, RuntimeError or what `dial` throws, with nothing
 * written to the client yet.
 */
export async function serveUpgrade(
  runtime: Runtime,
  request: StreamingRequest,
  inbound: Inbound,
  idleMs: number,
): Promise<void> {
  if (request.action === 'containerLogs') throw new StreamingError(400, 'logs are read by a plain GET');
  if (request.action === 'portForward') {
    const url = await portForwardUrl(runtime, request);
    if (isTranslated(inbound.request)) return translateTunnel(inbound, url, idleMs);
    return passRaw(inbound, url, idleMs);
  }

  const channels = channelsOf(request.query);
  const container = await runningContainer(runtime, request);
  const command = request.query.getAll('command');
  if (request.action === 'exec' && command.length === 0) throw new StreamingError(400, 'exec needs a command');
  const url =
    request.action === 'exec'
      ? await runtime.execUrl(container.id, command, channels)
      : await runtime.attachUrl(container.id, channels);
  if (isTranslated(inbound.request)) return translateChannels(inbound, new URL(url), channels, idleMs);
  return passRaw(inbound, new URL(url), idleMs);
}

function passRaw(inbound: Inbound, url: URL, idleMs: number): Promise<void> {
  // The runtime's server takes its parameters from the request it gave the URL for; over WebSocket it wants a GET.
  const method = isWebSocket(inbound.request) ? 'GET' : 'POST';
  return pass(inbound, { url, method, headers: upgradeHeaders(inbound.request) }, idleMs);
}

/** The streams asked for, by the kubelet's names. A terminal has one output: its errors come with it. */
function channelsOf(query: URLSearchParams) {
  const tty = flagParam(query, 'tty');
  const channels = {
    stdin: flagParam(query, 'input'),
    stdout: flagParam(query, 'output'),
    stderr: flagParam(query, 'error') && !tty,
    tty,
  };
  if (!channels.stdin && !channels.stdout && !channels.stderr) {
    throw new StreamingError(400, 'at least one of stdin, stdout and stderr must be asked for');
  }
  return channels;
}

async function runningContainer(
  runtime: Runtime,
  { pod, container: name }: Extract<StreamingRequest, { action: 'exec' | 'attach' }>,
): Promise<RuntimeContainer> {
  const attempts = (await runtime.listContainers({ podUid: pod.uid })).filter((one) => one.name === name);
  const newest = newestOf(attempts);
  if (!newest) throw new StreamingError(404, `container "${name}" in pod "${pod.name}" has not been created yet`);
  if (newest.state === 'running') return newest;
  throw new StreamingError(409, `container "${name}" in pod "${pod.name}" is not running: it is ${newest.state}`);
}

async function portForwardUrl(
  runtime: Runtime,
  { pod, query }: Extract<StreamingRequest, { action: 'portForward' }>,
): Promise<URL> {
  const ports = query.getAll('port').map(Number);
  if (ports.length > MAX_PORTS || ports.some((port) => !(Number.isInteger(port) && port > 0 && port < 65536))) {
    throw new StreamingError(400, `port must be between 1 and 65535, and there may be ${MAX_PORTS} of them`);
  }
  const newest = newestOf((await runtime.listSandboxes({ podUid: pod.uid })).filter((one) => one.ready));
  if (!newest) throw new StreamingError(409, `pod "${pod.name}" has no running sandbox on this node`);
  return new URL(await runtime.portForwardUrl(newest.id, ports));
}

function newestOf<T extends { attempt: number }>(all: T[]): T | undefined {
  return all.reduce<T | undefined>((best, one) => (best && best.attempt > one.attempt ? best : one), undefined);
}
