import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NodeDirs } from '../node/dirs.ts';
import { defaultPod } from '../pod/defaults.ts';
import type { Container, Pod } from '../pod/types.ts';
import type { Runtime } from '../runtime/port.ts';
import { openSimRuntime } from '../runtime/sim/runtime.ts';
import { ContainersAhead, type Made } from './containers-ahead.ts';
import type { CreateInput } from './create-container.ts';
import { makeNext, obtain } from './make-ahead.ts';
import type { NodeContext } from './node-context.ts';
import { sandboxSpec } from './sandbox-spec.ts';

const IMAGE = 'busybox:v1';
const container = (name: string, more: object = {}) => ({ name, image: IMAGE, command: ['true'], ...more });

let directory: string;
let runtime: Runtime;
let node: NodeContext;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'durapod-ahead-'));
  runtime = openSimRuntime();
  await runtime.pullImage(IMAGE, undefined, new AbortController().signal);
  node = {
    name: 'node',
    runtime,
    dirs: new NodeDirs(directory),
    ahead: new ContainersAhead(),
    api: { read: async () => undefined, list: async () => [] },
    hostIPs: ['10.0.0.1'],
    allocatable: { cpu: '2', memory: '1Gi', 'ephemeral-storage': '1Gi' },
    idScheme: 'sim://',
    resolvConf: '',
    restrictOom: false,
  } as unknown as NodeContext;
});

afterEach(async () => {
  await runtime.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A Pod with a sandbox, and where its containers go. */
async function podWith(spec: { initContainers?: object[]; containers: object[] }, sandboxAttempt = 0) {
  const metadata = { namespace: 'default', name: 'pod', uid: 'uid-1' };
  const pod = defaultPod({ apiVersion: 'v1', kind: 'Pod', metadata, spec: spec as Pod['spec'] });
  const { id } = await runtime.runSandbox(sandboxSpec(node, pod, sandboxAttempt));
  const place = { pod: metadata, sandboxId: id, sandboxAttempt, podIPs: ['10.0.0.2'] };
  const input = (name: string): CreateInput => ({ ...place, container: name, image: IMAGE, attempt: 0 });
  return { pod, place, input };
}

/** Names of the containers there are once nothing is being made any more. */
async function made(): Promise<string[]> {
  await node.ahead.forget('uid-1');
  return (await runtime.listContainers({})).map((c) => c.name).sort();
}

/** The containers there are, as soon as there are any. */
async function onceMade() {
  for (;;) {
    const containers = await runtime.listContainers({});
    if (containers.length > 0) return containers;
    await new Promise(setImmediate);
  }
}

const SPEC = { initContainers: [container('a'), container('b')], containers: [container('x'), container('y')] };

test.each([
  ['the first in a new sandbox', undefined, ['a']],
  ['after an init container the next', 'a', ['b']],
  ['after the last init container the main ones', 'b', ['x', 'y']],
  ['after a main container nothing', 'x', []],
])('makes %s', async (_, after, expected) => {
  const { pod, place } = await podWith(SPEC);
  makeNext(node, pod, place, after);
  expect(await made()).toEqual(expected);
});

test('makes nothing in a second sandbox, and nothing that mounts what another container has to make first', async () => {
  const second = await podWith(SPEC, 1);
  makeNext(node, second.pod, second.place);
  const mount = { volumeMounts: [{ name: 'v', mountPath: '/v', subPath: 'made/by/a' }] };
  const { pod, place } = await podWith({
    initContainers: [container('a')],
    containers: [container('x', mount), container('y')],
  });
  makeNext(node, pod, place, 'a');
  expect(await made()).toEqual(['y']);
});

test('makes nothing whose image is still to be asked for', async () => {
  const { pod, place } = await podWith({
    containers: [container('x', { imagePullPolicy: 'Always' }), container('y')],
  });
  makeNext(node, pod, place);
  expect(await made()).toEqual(['y']);
});

test('what was made is what is started', async () => {
  const { pod, place, input } = await podWith(SPEC);
  makeNext(node, pod, place);
  const { id } = (await obtain(node, input('a'), pod)) as Made;
  expect((await runtime.listContainers({})).map((c) => c.id)).toEqual([id]);
});

test('what would be made otherwise by now is made anew', async () => {
  const { pod, place, input } = await podWith(SPEC);
  makeNext(node, pod, place);
  const [before] = await onceMade();
  const [first] = pod.spec.initContainers as Container[];
  const spec = { ...pod.spec, initContainers: [{ ...first, command: ['false'] } as Container] };
  const changed = { ...pod, metadata: { ...pod.metadata, generation: 2 }, spec };
  const { id } = (await obtain(node, input('a'), changed)) as Made;
  expect(id).not.toBe(before?.id);
  const containers = await runtime.listContainers({});
  expect(containers.map((c) => ({ id: c.id, name: c.name }))).toEqual([{ id, name: 'a' }]);
});

test('what is gone by now is made anew', async () => {
  const { pod, place, input } = await podWith(SPEC);
  makeNext(node, pod, place);
  for (const { id } of await onceMade()) await runtime.removeContainer(id);
  expect(await obtain(node, input('a'), pod)).toMatchObject({ id: expect.any(String) });
});
