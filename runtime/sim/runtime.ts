/**
 * The simulated runtime: no root, no Linux, no images, and yet containers that behave. They run the commands of
 * programs.ts in the machine's time or a test's, write CRI log files, and end by signals with the exit codes that real
 * ones have. Volumes are real directories; all else is in memory and ends with this process.
 */
import { type ContainerUsage, type Runtime, RuntimeError } from '../port.ts';
import { SimContainer } from './container.ts';
import { imageRefOf, images } from './images.ts';
import { runCommand, startProblem } from './programs.ts';
import { sandboxes } from './sandboxes.ts';
import { SimWorld, type WorldOptions } from './world.ts';
import { writeFile } from './write-file.ts';

export interface SimOptions extends WorldOptions {
  /** Several runtimes may share one, as several clients share a containerd; a new one of the other options when absent. */
  world?: SimWorld;
}

const MAX_OUTPUT_BYTES = 16 * 1024;

/** Opens a client of a simulated machine. */
export function openSimRuntime({ world, ...options }: SimOptions = {}): Runtime {
  const shared = world ?? new SimWorld(options);
  return asCalls(shared, simulated(shared));
}

function simulated(world: SimWorld): Runtime {
  const containerOf = (id: string): SimContainer => {
    const container = world.containers.get(id);
    if (!container) throw new RuntimeError('NotFound', `container "${id}" not found`);
    return container;
  };
  const stream = async (): Promise<string> => {
    throw new RuntimeError(
      'Unsupported',
      'simulated containers (--runtime sim) have no terminal and no network: exec, attach and port-forward need real ones',
    );
  };

  return {
    ...sandboxes(world),
    ...images(world),

    async info() {
      const what = { name: 'sim', version: '1', simulated: true };
      return { ...what, ready: true, networkReady: true, supplementalGroupsPolicy: true };
    },

    async createContainer(sandboxId, spec, sandbox) {
      const { pod, name, attempt } = spec;
      if (!world.sandboxes.get(sandboxId)?.sandbox.ready)
        throw new RuntimeError('NotFound', `sandbox "${sandboxId}" is not running`);
      for (const { id, spec: other } of world.containers.values())
        if (other.pod.uid === pod.uid && other.name === name && other.attempt === attempt)
          throw new RuntimeError('AlreadyExists', `name "${name}_${pod.uid}_${attempt}" is reserved for "${id}"`);
      const labels = {
        ...spec.labels,
        'io.kubernetes.pod.name': pod.name,
        'io.kubernetes.pod.namespace': pod.namespace,
        'io.kubernetes.pod.uid': pod.uid,
        'io.kubernetes.container.name': name,
      };
      const annotations = { ...spec.annotations, 'io.kubernetes.container.restartCount': String(attempt) };
      const container = new SimContainer(
        world.newId('container'),
        sandboxId,
        { ...spec, labels, annotations },
        {
          clock: world.clock,
          logDirectory: sandbox.logDirectory,
          imageRef: imageRefOf(world, spec.image),
          emit: (event) => world.emit(event),
        },
      );
      world.containers.set(container.id, container);
      return container.id;
    },

    async startContainer(id) {
      containerOf(id).start();
    },

    async stopContainer(id, graceSeconds) {
      await world.containers.get(id)?.stop(graceSeconds);
    },

    async removeContainer(id) {
      await world.containers.get(id)?.stop(0);
      if (world.containers.delete(id)) world.emit({ type: 'deleted', id, at: world.now() });
    },

    async listContainers({ id, podUid, sandboxId, labels = {} }) {
      return [...world.containers.values()]
        .map((container) => container.summary())
        .filter(
          (container) =>
            (id === undefined || container.id === id) &&
            (podUid === undefined || container.pod.uid === podUid) &&
            (sandboxId === undefined || container.sandboxId === sandboxId) &&
            Object.entries(labels).every(([name, value]) => container.labels[name] === value),
        );
    },

    async containerStatus(id) {
      return containerOf(id).status();
    },

    async updateResources(id) {
      containerOf(id);
    },

    async execSync(id, command, timeoutMs) {
      const container = containerOf(id);
      if (!container.running) throw new RuntimeError('Failed', `container ${container.spec.name} is not running`);
      const problem = startProblem(command);
      if (problem !== undefined) throw new RuntimeError('Failed', `failed to exec: ${problem}: unknown`);
      return exec(world, container, command, timeoutMs);
    },

    async reopenLog(id) {
      containerOf(id).reopenLog();
    },

    async usage({ id, podUid }) {
      const wanted = [...world.containers.values()].filter(
        (container) =>
          (id === undefined || container.id === id) && (podUid === undefined || container.spec.pod.uid === podUid),
      );
      const usageOf = ({ running, files }: SimContainer): ContainerUsage => ({
        // Nothing runs, so nothing is used.
        ...(running && { memoryBytes: 0, workingSetBytes: 0 }),
        writtenBytes: files.sizeBytes,
        writtenInodes: files.count,
      });
      return new Map(wanted.map((container) => [container.id, usageOf(container)]));
    },

    execUrl: stream,
    attachUrl: stream,
    portForwardUrl: stream,

    events: (signal) => world.events(signal),

    async writeFile(id, path, content, mode) {
      writeFile(containerOf(id), path, content, mode);
    },

    async close() {},
  };
}

async function exec(world: SimWorld, container: SimContainer, command: string[], timeoutMs: number) {
  const output = { 1: '', 2: '' };
  const process = container.process((stream, text) => {
    output[stream] = (output[stream] + text).slice(0, MAX_OUTPUT_BYTES);
  });
  const done = new AbortController();
  let timedOut = false;
  const deadline = world.clock.sleep(timeoutMs, done.signal).then(
    () => {
      timedOut = true;
      process.kill();
    },
    () => {},
  );
  const exitCode = await process.run(() => runCommand(command, process));
  done.abort();
  await deadline;
  return { exitCode: timedOut ? -1 : exitCode, stdout: output[1], stderr: output[2], timedOut };
}

/** Every method but those that take no call goes through the world's faults and latency, and knows its own close. */
function asCalls(world: SimWorld, runtime: Runtime): Runtime {
  const calls = Object.entries(runtime).map(([name, method]) => {
    if (name === 'events' || name === 'close') return [name, method];
    const called = (...args: never[]) =>
      world.call(name as never, () => (method as (...args: never[]) => Promise<unknown>)(...args));
    return [name, called];
  });
  return Object.fromEntries(calls);
}
