/** Plain specs to start from: a test names what it is about and takes the rest as it is. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ContainerSpec, SandboxSpec } from './port.ts';

/** A sandbox of a Pod of its own, on the host's network, with its logs below `directory`. */
export function sandboxSpec(directory: string, changes: Partial<SandboxSpec> = {}): SandboxSpec {
  const uid = randomUUID();
  const pod = { namespace: 'default', name: `pod-${uid.slice(0, 8)}`, uid };
  return {
    pod,
    attempt: 0,
    hostname: '',
    logDirectory: join(directory, 'logs', uid),
    portMappings: [],
    labels: {},
    annotations: {},
    sysctls: {},
    namespaces: { network: 'node', pid: 'container', ipc: 'pod' },
    supplementalGroups: [],
    privileged: false,
    ...changes,
  };
}

/** A container in that sandbox, first attempt, of an image and a command. */
export function containerSpec(
  sandbox: SandboxSpec,
  image: string,
  command: string[],
  changes: Partial<ContainerSpec> = {},
): ContainerSpec {
  const name = changes.name ?? 'main';
  const attempt = changes.attempt ?? 0;
  return {
    pod: sandbox.pod,
    name,
    attempt,
    image,
    command,
    args: [],
    env: [],
    mounts: [],
    labels: {},
    annotations: {},
    logPath: `${name}/${attempt}.log`,
    stdin: false,
    stdinOnce: false,
    tty: false,
    resources: {},
    security: {
      privileged: false,
      readonlyRootfs: false,
      noNewPrivileges: false,
      addCapabilities: [],
      dropCapabilities: [],
      supplementalGroups: [],
      unmaskedProc: false,
    },
    namespaces: sandbox.namespaces,
    ...changes,
  };
}
