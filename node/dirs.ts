/** Where a node keeps what belongs to its Pods. Pure: nothing is created here. */
import { join } from 'node:path';
import type { PodRef } from '../pod/types.ts';

/** One directory's name, which must not lead anywhere else. */
function segment(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
    throw new Error(`"${name}" cannot be the name of a directory: it must not be empty, "." or "..", or contain "/"`);
  }
  return name;
}

/** The directories below a node's root (an absolute path). Throws when a uid or name is no plain file name. */
export class NodeDirs {
  readonly root: string;
  constructor(root: string) {
    this.root = root;
  }

  /** Everything of one Pod but its logs; removed with the Pod. */
  podDir(uid: string): string {
    return join(this.root, 'pods', segment(uid));
  }

  volumesDir(uid: string): string {
    return join(this.podDir(uid), 'volumes');
  }

  /** Where parts of volumes (subPath) are bound, one mount for each use. */
  subPathDir(uid: string, volume: string, container: string): string {
    return join(this.podDir(uid), 'volume-subpaths', segment(volume), segment(container));
  }

  /** The logs of all Pods. */
  get logs(): string {
    return join(this.root, 'logs');
  }

  /** The logs of a Pod's containers, named as the kubelet names them. */
  podLogs(pod: PodRef): string {
    return join(this.logs, segment(`${pod.namespace}_${pod.name}_${pod.uid}`));
  }

  /** The log of one attempt of a container: the runtime makes it when it starts the container. */
  containerLog(pod: PodRef, name: string, attempt: number): string {
    return join(this.podLogs(pod), segment(name), `${attempt}.log`);
  }

  containerDir(uid: string, name: string): string {
    return join(this.podDir(uid), 'containers', segment(name));
  }

  /** The Pod's /etc/hosts, shared by its containers. */
  hostsFile(uid: string): string {
    return join(this.podDir(uid), 'etc-hosts');
  }

  /** What one attempt of a container leaves as its termination message. */
  terminationLog(uid: string, name: string, attempt: number): string {
    return join(this.containerDir(uid, name), `termination-log.${attempt}`);
  }

  /** What could not be removed with its Pod, one directory each: housekeeping tries again. */
  get leftovers(): string {
    return join(this.root, 'leftovers');
  }

  /** Seccomp profiles that Pods name with `type: Localhost`. */
  get seccompProfiles(): string {
    return join(this.root, 'seccomp');
  }
}
