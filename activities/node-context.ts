import type { ContainerProber } from '../node/container-prober.ts';
import type { NodeDirs } from '../node/dirs.ts';
import type { EventRecorder } from '../node/event-recorder.ts';
import type { ExitWatcher } from '../node/exit-watcher.ts';
import type { Allocatable, ObjectReader } from '../node/spec/context.ts';
import type { VolumeContext } from '../node/volumes/context.ts';
import type { VolumeRefresher } from '../node/volumes/refresher.ts';
import type { PodEvent } from '../pod/contract.ts';
import type { EventSubject, KubeObject, Pod, PodRef } from '../pod/types.ts';
import type { Runtime } from '../runtime/port.ts';
import type { ContainersAhead } from './containers-ahead.ts';
import type { Turns } from './turns.ts';

/** What the activities of one node share for as long as its process lives: the runtime, its watchers, and the API. */
export interface NodeContext {
  name: string;
  runtime: Runtime;
  dirs: NodeDirs;
  exits: ExitWatcher;
  prober: ContainerProber;
  volumes: VolumeRefresher;
  ahead: ContainersAhead;
  turns: Turns;
  api: NodeApi;
  /** Events that are not worth a step of a workflow. */
  events: Pick<EventRecorder, 'record'>;
  hostIPs: string[];
  allocatable: Allocatable;
  /** `containerd://`: how container ids are written in a status. */
  idScheme: string;
  /** The text of the host's resolv.conf. */
  resolvConf: string;
  restrictOom: boolean;
}

/** What a node has of the API. */
export interface NodeApi extends ObjectReader {
  /** The Pod, if it is still the one of this uid. */
  pod(ref: PodRef): Promise<Pod | undefined>;
  list(resource: 'services' | 'pods', namespace: string): Promise<KubeObject[]>;
  /** The content of a file that was handed to the API. */
  upload(namespace: string, name: string): Promise<Uint8Array | undefined>;
  serviceAccountToken: VolumeContext['serviceAccountToken'];
  /** Writes one occurrence of an event that happened on the node `host`; a count above 1 counts up the one before. */
  writeEvent(about: EventSubject, event: PodEvent, host: string): Promise<void>;
}

/** A container's id without its scheme, as the runtime knows it. */
export function runtimeId(id: string): string {
  return id.replace(/^[a-z-]+:\/\//, '');
}
