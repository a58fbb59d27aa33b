/** Which Linux namespaces a Pod's containers share (Kubernetes docs: "Share Process Namespace between Containers"). */
import type { Pod } from '../../pod/types.ts';
import type { SandboxSpec } from '../../runtime/port.ts';

export function podNamespaces(pod: Pod): SandboxSpec['namespaces'] {
  const { hostNetwork, hostIPC, hostPID, shareProcessNamespace } = pod.spec;
  return {
    network: hostNetwork ? 'node' : 'pod',
    ipc: hostIPC ? 'node' : 'pod',
    pid: hostPID ? 'node' : shareProcessNamespace ? 'pod' : 'container',
  };
}
