/** A node's side: exit watcher, prober, and the worker of its activities. Shares nothing with the control side but Temporal and the API. */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { ContainersAhead } from '../activities/containers-ahead.ts';
import { nodeActivities } from '../activities/node-activities.ts';
import type { NodeApi, NodeContext } from '../activities/node-context.ts';
import { presenceActivities } from '../activities/node-presence.ts';
import { Turns } from '../activities/turns.ts';
import { atMost } from '../node/at-most.ts';
import { ContainerProber } from '../node/container-prober.ts';
import { NodeDirs } from '../node/dirs.ts';
import { EventRecorder } from '../node/event-recorder.ts';
import { ExitJournal, type SeenExit } from '../node/exit-journal.ts';
import { ExitWatcher } from '../node/exit-watcher.ts';
import { doChores } from '../node/housekeeping/chores.ts';
import type { HousekeepingPolicy } from '../node/housekeeping/policy.ts';
import { PressureState } from '../node/pressure/state.ts';
import { readHostResolvConf } from '../node/spec/dns.ts';
import { VolumeRefresher } from '../node/volumes/refresher.ts';
import type { Log } from '../pod/log.ts';
import { nodeTaskQueue, POD_TASK_QUEUE, WORKFLOW_TASK_TIMEOUT } from '../pod/messages.ts';
import { nodeSubject } from '../pod/node-subject.ts';
import type { Runtime, RuntimeContainer } from '../runtime/port.ts';
import type { Running } from './control.ts';
import { nodeChores } from './node-chores.ts';
import { type Machine, nodeFacts } from './node-facts.ts';
import { PodSignals } from './reports.ts';
import { stopWorker } from './stop-worker.ts';
import type { TemporalHandle } from './temporal.ts';

export interface NodeOptions {
  name: string;
  temporal: TemporalHandle;
  runtime: Runtime;
  /** Where Pods' volumes and logs are. */
  root: string;
  api: NodeApi;
  machine: Machine;
  /** Where the node's streaming endpoint listens. */
  port: number;
  housekeeping: HousekeepingPolicy;
  /** Ends of containers that somebody saw while this process was away. */
  witnessed: SeenExit[];
  log: Log;
}

/** How long to wait for the control side before going on without its word. */
const REGISTER_MS = 15_000;

/** Resolves when the node is Ready and nothing that ends in it is missed any more. */
export async function startNode(options: NodeOptions): Promise<Running> {
  const { name, temporal, runtime, root, api, machine, log } = options;
  const stopping = new AbortController();
  const info = await runtime.info();
  const idScheme = `${info.name}://`;
  const signals = new PodSignals(temporal.client, log, stopping.signal);
  const dirs = new NodeDirs(root);
  await mkdir(root, { recursive: true, mode: 0o700 });
  const journal = new ExitJournal(join(root, 'exits.db'));
  journal.seeAll(options.witnessed);
  const recorder = new EventRecorder({ write: (pod, event) => api.writeEvent(pod, event, name), log });
  const prober = new ContainerProber({
    runtime,
    hostIP: machine.addresses[0],
    idScheme,
    ended: (id) => exits.known(id) !== undefined,
    report: (pod, change) => signals.send(pod, 'probeChanged', change).catch(() => undefined),
    record: (pod, event) => recorder.record(pod, event),
  });
  const volumes = new VolumeRefresher({
    dirs,
    allocatable: machine.allocatable,
    read: api.read,
    serviceAccountToken: api.serviceAccountToken,
    pod: api.pod,
    log,
  });
  const exits = new ExitWatcher({
    runtime,
    journal,
    dirs,
    idScheme,
    log,
    reports: {
      containerExited: (pod, report) => {
        prober.forget(report.id.slice(idScheme.length));
        return signals.send(pod, 'containerExited', report);
      },
      sandboxLost: (pod, report) => signals.send(pod, 'sandboxLost', report),
      containerFound: (container) => void resume(api, { prober, volumes }, runtime, container).catch(() => undefined),
    },
  });
  const pressure = new PressureState();
  recorder.record(nodeSubject(name), { type: 'Normal', reason: 'Starting', message: 'Starting durapod.' });
  const context: NodeContext = {
    name,
    runtime,
    dirs,
    exits,
    prober,
    volumes,
    ahead: new ContainersAhead(),
    turns: new Turns(),
    api,
    events: recorder,
    hostIPs: machine.addresses,
    allocatable: machine.allocatable,
    idScheme,
    resolvConf: await readHostResolvConf(),
    restrictOom: machine.restrictOom,
  };
  const chores = nodeChores(context, options.housekeeping, { temporal: temporal.client, signals, pressure, log });
  const watching = Promise.all([
    exits.run(stopping.signal),
    volumes.run(stopping.signal),
    doChores(chores, log, stopping.signal),
  ]);
  const instance = randomUUID();
  const watched = Promise.withResolvers<void>();
  const presence = presenceActivities({
    facts: async () => ({
      ...nodeFacts(machine, { name, instance, runtime: await runtime.info(), port: options.port }),
      pressure: pressure.now,
    }),
    outdated: () => pressure.outdated,
    watched: watched.resolve,
    stopping: stopping.signal,
  });
  const worker = await Worker.create({
    connection: temporal.connection,
    namespace: temporal.namespace,
    taskQueue: nodeTaskQueue(name),
    activities: { ...nodeActivities(context), ...presence },
    maxConcurrentActivityTaskExecutions: 500,
    // By default heartbeats go out at four fifths of their time-out, which a busy machine then exceeds.
    maxHeartbeatThrottleInterval: '1s',
    shutdownGraceTime: '2s',
    shutdownForceTime: '5s',
  });
  const running = worker.run();
  await temporal.client.workflow.signalWithStart('nodeWorkflow', {
    workflowId: `node/${name}`,
    taskQueue: POD_TASK_QUEUE,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    args: [{ name }],
    signal: 'nodeStarted',
    signalArgs: [{ instance }],
    staticSummary: `Node ${name}`,
  });
  const ready = Promise.all([exits.ready, watched.promise]).then(() => true);
  if (!(await atMost(REGISTER_MS, ready))) {
    log.warn({ node: name }, 'the control side has not taken this node in yet: is it running?');
  }
  return {
    async stop() {
      stopping.abort();
      await stopWorker(worker, running, log);
      prober.close();
      await watching;
      journal.close();
    },
  };
}

/**
 * After a restart of this process: containers that ran before are probed on, from where their status stands, and their
 * Pods' volumes are refreshed on.
 */
async function resume(
  api: NodeApi,
  { prober, volumes }: Pick<NodeContext, 'prober' | 'volumes'>,
  runtime: Runtime,
  { id, pod: ref, name, attempt }: RuntimeContainer,
): Promise<void> {
  if (prober.watches(id)) return;
  const pod = await api.pod(ref);
  if (!pod) return;
  volumes.watch(pod);
  const status = await runtime.containerStatus(id);
  const podIPs = (pod.status?.podIPs ?? []).map((p) => p.ip ?? '');
  if (status.state === 'running') prober.watch(pod, { name, id, attempt, podIPs, startedAt: status.startedAt ?? '' });
}
