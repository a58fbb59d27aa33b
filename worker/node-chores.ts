/** A node's housekeeping: what is done how often, and what it needs of the node. */
import type { Client } from '@temporalio/client';
import type { NodeContext } from '../activities/node-context.ts';
import { removePod } from '../activities/sandbox.ts';
import type { Chore } from '../node/housekeeping/chores.ts';
import { removeDeadContainers } from '../node/housekeeping/dead-containers.ts';
import { ImageCollector } from '../node/housekeeping/image-collector.ts';
import { removeLeftovers } from '../node/housekeeping/leftovers.ts';
import { rotateLogs } from '../node/housekeeping/log-rotation.ts';
import { removeOrphans } from '../node/housekeeping/orphans.ts';
import type { HousekeepingPolicy } from '../node/housekeeping/policy.ts';
import { StorageWatch } from '../node/housekeeping/storage-watch.ts';
import { NodePressure } from '../node/pressure/node-pressure.ts';
import { observe } from '../node/pressure/observe.ts';
import type { PressureState } from '../node/pressure/state.ts';
import type { Log } from '../pod/log.ts';
import { nodeSubject } from '../pod/node-subject.ts';
import type { PodRef } from '../pod/types.ts';
import { type PodSignals, podWorkflowRuns } from './reports.ts';

/** Paces in ms: the kubelet's, of its log rotation, eviction, container and image garbage collection; leftovers are rare. */
const EVERY = {
  logs: 10_000,
  storage: 10_000,
  pressure: 10_000,
  containers: 60_000,
  images: 300_000,
  leftovers: 300_000,
} as const;

export interface ChoreHelpers {
  temporal: Client;
  signals: PodSignals;
  pressure: PressureState;
  log: Log;
}

export function nodeChores(node: NodeContext, policy: HousekeepingPolicy, helpers: ChoreHelpers): Chore[] {
  const { runtime, dirs, api, events } = node;
  const { temporal, signals, log } = helpers;
  const self = nodeSubject(node.name);
  const images = new ImageCollector({ runtime, policy, record: (event) => events.record(self, event), log });
  const storage = new StorageWatch({
    runtime,
    dirs,
    pod: api.pod,
    evict: (pod, message) => signals.send(pod, 'evicted', { message }),
  });
  const orphans = {
    dirs,
    list: (namespace: string) => api.list('pods', namespace),
    hasWorkflow: (pod: PodRef) => podWorkflowRuns(temporal, pod),
    async remove(pod: PodRef) {
      const refused = await removePod(node, pod);
      if (refused) throw refused;
    },
    log,
  };
  const pressure = new NodePressure({
    thresholds: policy.evictionHard,
    holdMs: policy.pressureTransitionMs,
    observe: () => observe(dirs.root, runtime),
    runtime,
    dirs,
    state: helpers.pressure,
    pod: api.pod,
    async reclaimDisk() {
      await removeDeadContainers({ runtime, dirs });
      await images.removeUnused();
    },
    evict: (pod, message) => signals.send(pod, 'evicted', { message, byPressure: true }),
    record: (event) => events.record(self, event),
  });
  return [
    { name: 'log rotation', everyMs: EVERY.logs, run: () => rotateLogs({ runtime, dirs, policy, log }) },
    { name: 'pressure', everyMs: EVERY.pressure, run: () => pressure.look() },
    { name: 'storage limits', everyMs: EVERY.storage, run: () => storage.measure() },
    { name: 'dead containers', everyMs: EVERY.containers, run: () => removeDeadContainers({ runtime, dirs }) },
    { name: 'orphaned Pods', everyMs: EVERY.containers, run: () => removeOrphans(orphans) },
    { name: 'what Pods left behind', everyMs: EVERY.leftovers, run: () => removeLeftovers(dirs) },
    { name: 'unused images', everyMs: EVERY.images, run: () => images.collect() },
  ];
}
