/** URLs of the runtime's streaming server, for one connection each. */
import type { Runtime } from '../port.ts';
import type { CriClient } from './client.ts';

type Streaming = Pick<Runtime, 'execUrl' | 'attachUrl' | 'portForwardUrl'>;

export function streaming(client: CriClient): Streaming {
  const urlOf = async (method: string, request: object) =>
    (await client.call<{ url: string }>('runtime', method, request)).url;
  return {
    execUrl: (id, command, options) => urlOf('Exec', { containerId: id, cmd: command, ...options }),
    attachUrl: (id, options) => urlOf('Attach', { containerId: id, ...options }),
    portForwardUrl: (sandboxId, ports) => urlOf('PortForward', { podSandboxId: sandboxId, port: ports }),
  };
}
