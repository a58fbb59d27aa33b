/** What building a spec needs to know beside the Pod. */
import type { KubeObject } from '../../pod/types.ts';
import type { NodeDirs } from '../dirs.ts';

/** Reads what a Pod refers to, from the API. Resolves with undefined when it is not there; rejects when the API fails. */
export interface ObjectReader {
  read(
    resource: 'configmaps' | 'secrets' | 'services' | 'runtimeclasses.node.k8s.io',
    namespace: string,
    name: string,
  ): Promise<KubeObject | undefined>;
  list(resource: 'services', namespace: string): Promise<KubeObject[]>;
}

/** What Pods may use of the node, as quantities. */
export interface Allocatable {
  cpu: string;
  memory: string;
  'ephemeral-storage': string;
}

/** What a Pod's sandbox is made from beside the Pod. */
export interface SandboxContext {
  attempt: number;
  dirs: NodeDirs;
  /** The text of the host's resolv.conf (see `readHostResolvConf`). */
  resolvConf: string;
  /** The handler of the Pod's RuntimeClass; the runtime's default when absent. */
  runtimeHandler?: string;
}

/** What a container is made from beside its Pod: the attempt, the image it runs, and what its node and the API have. */
export interface ContainerContext extends ObjectReader {
  /** 0 for the first start; part of the container's name and its log's. */
  attempt: number;
  dirs: NodeDirs;
  nodeName: string;
  /** The node's addresses, primary first. */
  hostIPs: string[];
  /** The Pod's addresses, primary first; the host's with host networking. */
  podIPs: string[];
  /** The user the image runs as. Undefined, or without either: root. */
  image: { uid?: number; username?: string } | undefined;
  allocatable: Allocatable;
  /** The machine does not let oom scores be lowered (no CAP_SYS_RESOURCE). */
  restrictOom?: boolean;
  /** The running container whose processes an ephemeral container with `targetContainerName` sees. */
  targetContainerId?: string;
}
