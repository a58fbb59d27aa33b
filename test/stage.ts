/** A stage for workflow tests: Temporal's time-skipping server, a store in memory, and a node that follows a script. */
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import { controlActivities } from '../activities/control-activities.ts';
import { SANDBOX, Turns } from '../activities/turns.ts';
import { SEARCH_ATTRIBUTES } from '../cli/temporal.ts';
import { ensureTool } from '../cli/tools.ts';
import type { HookResult, NodeActivities, PullResult, StartInput, StartResult } from '../pod/contract.ts';
import { defaultPod } from '../pod/defaults.ts';
import { nodeTaskQueue, POD_TASK_QUEUE, POD_WORKFLOW_VERSION, podWorkflowId } from '../pod/messages.ts';
import type { Exit } from '../pod/record.ts';
import type { Event, Pod, PodStatus } from '../pod/types.ts';
import { viewOf } from '../pod/view.ts';
import { DELETE, type Store, type StoredObject } from '../store/port.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { WORKFLOWS_PATH } from '../worker/workflow-bundle.ts';

/** What each start of a container comes to: an exit code at once, `runs`, or a result as the node would give it. */
export type Script = Record<string, (number | 'runs' | StartResult)[]>;

const NODE = 'stage';
/** `IndexedValueType` of Temporal's API. */
const KEYWORD = 2;
const POD_IP = '10.0.0.2';

/** A node that does as it is told, and remembers what it was asked, in order. */
export class ScriptedNode {
  readonly calls: string[] = [];
  /** How a container ends that is stopped; 143 when absent. */
  stopCode = 143;
  /** How long hooks take, and what comes of them. */
  hookMs = 0;
  hookResult: HookResult = { ok: true, message: '' };
  pulls: PullResult[] = [];
  /** Starts that take until then, by container. */
  readonly held = new Map<string, Promise<void>>();
  /** Why the next resizes fail. */
  resizeErrors: string[] = [];
  /** The server's time, which is skipped ahead of the wall clock's. */
  clock: () => Promise<number> = async () => Date.now();
  readonly #script: Script;
  readonly #turns = new Turns();
  #ids = 0;

  constructor(script: Script) {
    this.#script = script;
  }

  readonly activities: NodeActivities = {
    runSandbox: ({ pod, attempt }) =>
      this.#turns.take(pod.uid, SANDBOX, async () => {
        this.calls.push(`sandbox ${attempt}`);
        return { outcome: 'ready', sandboxId: `sandbox-${attempt}`, ips: [POD_IP] } as const;
      }),
    startContainer: (input) => this.#turns.take(input.pod.uid, input.container, () => this.#startInTurn(input)),
    pullImage: async ({ image }) => {
      this.calls.push(`pull ${image}`);
      return this.pulls.shift() ?? { outcome: 'pulled', imageId: 'sha256:1', ms: 5, sizeBytes: 1 };
    },
    runHook: async ({ container, hook }) => {
      this.calls.push(`${hook} ${container}`);
      await new Promise((resolve) => setTimeout(resolve, this.hookMs));
      return this.hookResult;
    },
    stopContainer: async ({ containerId }) => {
      this.calls.push(`stop ${containerId.split('/').at(-1)?.replace(/-\d+$/, '')}`);
      return exitOf(this.stopCode, await this.clock());
    },
    stopSandbox: async () => void this.calls.push('stop sandbox'),
    removePod: async () => void this.calls.push('remove'),
    createFile: async ({ container, path, content }) => {
      this.calls.push(`file ${container} ${path} ${content ?? ''}`);
      return { created: true };
    },
    resizeContainers: async ({ containers }) => {
      this.calls.push(`resize ${containers.map((c) => `${c.container} ${JSON.stringify(c.resources)}`).join(' ')}`);
      const error = this.resizeErrors.shift();
      return error ? { updated: [], error } : { updated: containers.map((c) => c.container) };
    },
  };

  /** A start ordered ahead of its turn waits for it, as on a real node. */
  async #startInTurn(input: StartInput): Promise<StartResult> {
    const { pod, container, attempt, sandboxId, after } = input;
    if (sandboxId === undefined) await this.#turns.after(pod.uid, SANDBOX);
    const before = after === undefined ? undefined : await this.#turns.after(pod.uid, after);
    const mayStart = before?.outcome === 'started' && before.exit?.exitCode === 0;
    if (after !== undefined && !mayStart) return { outcome: 'not-yet' };
    this.calls.push(`start ${container} ${attempt}`);
    return this.#start(input);
  }

  async #start({ container, image }: StartInput): Promise<StartResult> {
    await this.held.get(container);
    const next = this.#script[container]?.shift() ?? 'runs';
    if (typeof next === 'object') return next;
    const now = await this.clock();
    const id = `sim://${container}-${this.#ids++}`;
    const started = {
      outcome: 'started' as const,
      id,
      imageId: 'sha256:1',
      image,
      startedAt: new Date().toISOString(),
    };
    return next === 'runs' ? started : { ...started, exit: exitOf(next, now) };
  }
}

function exitOf(exitCode: number, at: number): Exit {
  return { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', finishedAt: new Date(at).toISOString() };
}

/** The Pod to play, and how its workflow is to run; it follows the newest sequence when no `version` is given. */
interface PodScript {
  name: string;
  spec: object;
  metadata?: object;
  version?: number;
  continueAfterEvents?: number;
}

export interface Stage {
  env: TestWorkflowEnvironment;
  /** Plays a Pod with this script; `within` drives it while it lives. */
  play<T>(pod: PodScript, node: ScriptedNode, within: (live: LivePod) => Promise<T>): Promise<T>;
  /** One more node, which does nothing until the function it resolves with is called. */
  addNode(name: string): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** `allocatable` is what its node has; a node that does not say so takes every Pod. */
export async function openStage(allocatable?: Record<string, string>): Promise<Stage> {
  const path = await ensureTool('temporal-test-server');
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  const connection = env.nativeConnection;
  const searchAttributes = Object.fromEntries(SEARCH_ATTRIBUTES.map((name) => [name, KEYWORD]));
  await env.connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes });
  const store = openSqliteStore(':memory:');
  await store.create({ resource: 'nodes', namespace: '', name: NODE }, readyNode(allocatable), 'client');
  const workflowBundle = await bundleWorkflowCode({ workflowsPath: WORKFLOWS_PATH, logger: silent });
  const nodes = new Map<string, ScriptedNode>();
  const control = await Worker.create({
    connection,
    taskQueue: POD_TASK_QUEUE,
    workflowBundle,
    activities: controlActivities(store),
  });
  const workers = [control];
  const running = [control.run()];
  const serve = async (name: string) => {
    const worker = await Worker.create({ connection, taskQueue: nodeTaskQueue(name), activities: byPod(nodes) });
    workers.push(worker);
    running.push(worker.run());
  };
  await serve(NODE);
  return {
    env,
    async play(input, node, within) {
      nodes.set(input.name, node);
      node.clock = () => env.currentTimeMs();
      const live = await LivePod.create(env, store, input);
      const result = await within(live);
      await live.remove();
      return result;
    },
    async addNode(name) {
      await store.create({ resource: 'nodes', namespace: '', name }, readyNode(allocatable, name), 'client');
      return () => serve(name);
    },
    async close() {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await store.close();
      await env.teardown();
    },
  };
}

/** Activities that go to the node of the Pod they are for. */
function byPod(nodes: Map<string, ScriptedNode>): NodeActivities {
  return new Proxy({} as NodeActivities, {
    ownKeys: () => Object.keys(new ScriptedNode({}).activities),
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    get: (_target, name) => (input: { pod: { name: string } }) => {
      const activities = nodes.get(input.pod.name)?.activities as unknown as Record<string, (input: object) => unknown>;
      return activities[String(name)]?.(input);
    },
  });
}

/** Whether a status says that its Pod is Ready. */
export function isReady({ conditions = [] }: PodStatus): boolean {
  return conditions.some((c) => c.type === 'Ready' && c.status === 'True');
}

const silent = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };

function readyNode(allocatable: Record<string, string> | undefined, name = NODE): StoredObject {
  return {
    metadata: { name },
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [{ type: 'InternalIP', address: '192.0.2.1' }],
      ...(allocatable && { allocatable }),
    },
  };
}

/** A Pod on the stage. */
export class LivePod {
  readonly #env: TestWorkflowEnvironment;
  readonly #store: Store;
  readonly #pod: Pod;

  static async create(env: TestWorkflowEnvironment, store: Store, input: PodScript): Promise<LivePod> {
    const { version = POD_WORKFLOW_VERSION, continueAfterEvents } = input;
    const metadata = { name: input.name, namespace: 'default', uid: crypto.randomUUID(), ...input.metadata };
    const pod = defaultPod({ apiVersion: 'v1', kind: 'Pod', metadata, spec: input.spec } as Pod);
    const key = { resource: 'pods', namespace: 'default', name: input.name };
    const stored = (await store.create(key, pod as unknown as StoredObject, 'client')) as unknown as Pod;
    const live = new LivePod(env, store, stored);
    await env.client.workflow.start('podWorkflow', {
      workflowId: podWorkflowId(live.ref),
      taskQueue: POD_TASK_QUEUE,
      args: [{ view: viewOf(stored), version, continueAfterEvents }],
    });
    return live;
  }

  constructor(env: TestWorkflowEnvironment, store: Store, pod: Pod) {
    this.#env = env;
    this.#store = store;
    this.#pod = pod;
  }

  get ref() {
    const { namespace = '', name = '', uid = '' } = this.#pod.metadata;
    return { namespace, name, uid };
  }

  get handle() {
    return this.#env.client.workflow.getHandle(podWorkflowId(this.ref));
  }

  get #key() {
    return { resource: 'pods', namespace: 'default', name: this.ref.name };
  }

  async status(): Promise<PodStatus> {
    return ((await this.#store.get(this.#key)) as unknown as Pod | undefined)?.status ?? {};
  }

  /** Resolves once the published status satisfies `test`; skips Temporal's time meanwhile. */
  async until(test: (status: PodStatus) => boolean, limit = 400): Promise<PodStatus> {
    for (let i = 0; i < limit; i++) {
      const status = await this.status();
      if (test(status)) return status;
      await this.#env.sleep('500ms');
    }
    throw new Error(`never came about: ${JSON.stringify(await this.status())}`);
  }

  async sleep(duration: string): Promise<void> {
    await this.#env.sleep(duration as '1s');
  }

  /** A client's change of the Pod, told to the workflow as the dispatcher does. */
  async change(change: (pod: Pod) => Pod): Promise<void> {
    const stored = await this.#store.update(
      this.#key,
      (current) => change(current as unknown as Pod) as unknown as StoredObject,
      'client',
    );
    await this.handle.signal('podChanged', viewOf(stored as unknown as Pod));
  }

  async delete(graceSeconds = 1): Promise<void> {
    const deletionTimestamp = new Date().toISOString();
    await this.change((pod) => ({
      ...pod,
      metadata: { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds: graceSeconds },
    }));
  }

  /** Ends whatever is left. */
  async remove(): Promise<void> {
    if (!(await this.#store.get(this.#key))) return;
    await this.delete(0);
    await this.handle.result();
  }

  /** Its events, one line each: `Warning BackOff x2 …`. */
  async events(): Promise<string[]> {
    const { items } = await this.#store.list('events', { namespace: 'default' });
    return (items as unknown as Event[])
      .filter((e) => e.involvedObject.uid === this.ref.uid)
      .map(({ type, reason, count, message }) => `${type} ${reason} x${count} ${message}`);
  }

  /** Its own story, one line each: `reason: message`. */
  async timeline(): Promise<string[]> {
    const entries = await this.handle.query<{ reason: string; message: string }[]>('timeline');
    return entries.map(({ reason, message }) => `${reason}: ${message}`);
  }

  async exists(): Promise<boolean> {
    return (await this.#store.get(this.#key)) !== undefined;
  }

  /** A running container of the newest attempt ended by itself. */
  async exit(container: string, exitCode: number): Promise<void> {
    const status = await this.status();
    const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    const found = all.find((c) => c.name === container);
    await this.handle.signal('containerExited', {
      container,
      attempt: found?.restartCount ?? 0,
      id: found?.containerID ?? '',
      exit: exitOf(exitCode, await this.#env.currentTimeMs()),
    });
  }

  async force(): Promise<void> {
    await this.#store.update(this.#key, () => DELETE, 'client');
    const at = new Date().toISOString();
    await this.handle.signal('podChanged', {
      ...viewOf(this.#pod),
      deletion: { at, graceSeconds: 0, gone: true },
    });
  }
}

/** A status as one line a container: `init-a Terminated Completed 0`, for whole comparisons. */
export function summary(status: PodStatus): string[] {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const lines = all.map(({ name, state, restartCount }) => {
    const { waiting, running, terminated } = state ?? {};
    const what = running ? 'Running' : (terminated?.reason ?? waiting?.reason ?? '?');
    return `${name} ${what} ${restartCount}`;
  });
  const conditions = (status.conditions ?? []).filter((c) => c.status === 'True').map((c) => c.type);
  return [`${status.phase} [${conditions.join(' ')}]`, ...lines];
}
