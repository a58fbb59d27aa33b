import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, type Mock, test, vi } from 'vitest';
import { NodeDirs } from '../node/dirs.ts';
import { VolumeError } from '../node/volumes/errors.ts';
import { defaultPod } from '../pod/defaults.ts';
import type { KubeObject, Pod } from '../pod/types.ts';
import { type Runtime, RuntimeError, type SandboxSpec } from '../runtime/port.ts';
import { openSimRuntime } from '../runtime/sim/runtime.ts';
import { ContainersAhead } from './containers-ahead.ts';
import type { NodeContext } from './node-context.ts';
import { removePod, sandboxActivities } from './sandbox.ts';
import { Turns } from './turns.ts';

const ref = { namespace: 'default', name: 'pod', uid: 'uid-1' };
const kata = { metadata: { name: 'kata' }, handler: 'kata-qemu' };

let directory: string;
let runtime: Runtime;
let made: SandboxSpec[];
let events: unknown[];
let prepared: Mock<() => Promise<void>>;

beforeEach(() => {
  prepared = vi.fn(async () => {});
  directory = mkdtempSync(join(tmpdir(), 'durapod-sandbox-'));
  runtime = openSimRuntime();
  [made, events] = [[], []];
  const { runSandbox } = runtime;
  vi.spyOn(runtime, 'runSandbox').mockImplementation((spec) => {
    made.push(spec);
    return runSandbox.call(runtime, spec);
  });
});
afterEach(async () => {
  await runtime.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Runs the sandbox of a Pod of one container, on a node whose resolv.conf names three servers. */
function runSandbox(spec: object, objects: Record<string, KubeObject> = {}, attempt = 0, activity = { attempt: 1 }) {
  const containers = [{ name: 'main', image: 'busybox:v1' }];
  const pod = defaultPod({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: ref,
    spec: { containers, ...spec } as Pod['spec'],
  });
  const node = {
    runtime,
    dirs: new NodeDirs(directory),
    turns: new Turns(),
    ahead: new ContainersAhead(),
    volumes: { prepare: prepared, watch: () => {} },
    exits: { expectSandboxEnd: () => {} },
    api: { pod: async () => pod, read: async (_resource: string, _namespace: string, name: string) => objects[name] },
    events: { record: (...event: unknown[]) => events.push(event) },
    resolvConf: 'nameserver 1\nnameserver 2\nnameserver 3\n',
  } as unknown as NodeContext;
  return new MockActivityEnvironment(activity).run(() => sandboxActivities(node).runSandbox({ pod: ref, attempt }));
}

test('what a resolver does not take is an event of the Pod', async () => {
  expect(await runSandbox({ dnsConfig: { nameservers: ['4'] } })).toMatchObject({ outcome: 'ready' });
  const message =
    'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 1 2 3';
  expect(events).toEqual([[ref, { type: 'Warning', reason: 'DNSConfigForming', message }]]);
});

test('the sandbox is made by the handler of its RuntimeClass, and not without it', async () => {
  expect(await runSandbox({ runtimeClassName: 'kata' })).toEqual({
    outcome: 'failed',
    reason: 'FailedCreatePodSandBox',
    message: 'Failed to create pod sandbox: RuntimeClass "kata" not found',
  });
  await runSandbox({ runtimeClassName: 'kata' }, { kata });
  await runSandbox({});
  expect(made.map(({ runtimeHandler }) => runtimeHandler)).toEqual(['kata-qemu', undefined]);
});

test('groups that are to be strict are refused where the runtime would merge them in silence', async () => {
  const strict = { securityContext: { supplementalGroupsPolicy: 'Strict' } };
  expect(await runSandbox(strict)).toMatchObject({ outcome: 'ready' });
  const { info } = runtime;
  vi.spyOn(runtime, 'info').mockImplementation(async () => ({ ...(await info()), supplementalGroupsPolicy: false }));
  await runtime.removeSandbox((await runtime.listSandboxes({}))[0]!.id);
  expect(await runSandbox(strict)).toEqual({
    outcome: 'rejected',
    reason: 'SupplementalGroupsPolicyNotSupported',
    message: 'SupplementalGroupsPolicy=Strict is not supported in this node; use Merge, or containerd 2.0 or newer',
  });
  expect(await runSandbox({ securityContext: { supplementalGroupsPolicy: 'Merge' } })).toMatchObject({
    outcome: 'ready',
  });
});

test('an old sandbox that the runtime refuses to remove does not keep the next from being made', async () => {
  await runSandbox({});
  await runSandbox({}, {}, 1);
  vi.spyOn(runtime, 'removeSandbox').mockRejectedValue(new RuntimeError('Failed', 'not permitted'));
  expect(await runSandbox({}, {}, 2)).toMatchObject({ outcome: 'ready' });
  const left = await runtime.listSandboxes({});
  expect(left.map(({ attempt, ready }) => ({ attempt, ready }))).toEqual([
    { attempt: 0, ready: false },
    { attempt: 1, ready: false },
    { attempt: 2, ready: true },
  ]);
  vi.restoreAllMocks();
});

describe('a try that was cut off once the sandbox was there', () => {
  const again = () => runSandbox({}, {}, 0, { attempt: 2 });
  beforeEach(async () => {
    await runSandbox({});
    prepared.mockClear();
  });

  test('may have left its volumes half made: the next one makes them, and keeps the sandbox', async () => {
    const [sandbox] = await runtime.listSandboxes({});
    expect(await again()).toMatchObject({ outcome: 'ready', sandboxId: sandbox!.id });
    expect([prepared.mock.calls.length, made.length]).toEqual([1, 1]);
  });

  test('fails without its volumes, and the next one starts afresh', async () => {
    prepared.mockRejectedValueOnce(new VolumeError('v', 'not there'));
    const message = 'MountVolume.SetUp failed for volume "v" : not there';
    expect(await again()).toEqual({ outcome: 'failed', reason: 'FailedMount', message });
    expect(await runtime.listSandboxes({})).toEqual([]);
    expect(await runSandbox({})).toMatchObject({ outcome: 'ready' });
  });
});

describe('removal', () => {
  const node = () =>
    ({
      runtime,
      dirs: new NodeDirs(directory),
      turns: new Turns(),
      ahead: new ContainersAhead(),
      volumes: { forget: async () => {} },
      prober: { forgetPod: () => {} },
      exits: { expectSandboxEnd: () => {} },
    }) as unknown as NodeContext;
  const removal = (attempt = 1) =>
    new MockActivityEnvironment({ attempt }).run(() => sandboxActivities(node()).removePod({ pod: ref }));
  const left = () => [existsSync(node().dirs.podDir(ref.uid)), existsSync(node().dirs.podLogs(ref))];
  beforeEach(async () => {
    await runSandbox({});
    await mkdir(node().dirs.volumesDir(ref.uid), { recursive: true });
  });

  test('what the runtime has stopped and refuses to remove is left behind, and found again by the logs', async () => {
    const refused = vi.spyOn(runtime, 'removeSandbox').mockRejectedValue(new RuntimeError('Failed', 'not permitted'));
    await expect(removal(4)).rejects.toThrow('not permitted');
    await removal(5);
    expect([left(), (await runtime.listSandboxes({})).map(({ ready }) => ready)]).toEqual([[false, true], [false]]);
    await expect(removePod(node(), ref)).resolves.toMatchObject({ message: 'not permitted' });
    refused.mockRestore();
    await expect(removePod(node(), ref)).resolves.toBeUndefined();
    expect([left(), await runtime.listSandboxes({})]).toEqual([[false, false], []]);
  });

  test.each<[string, 'removeSandbox' | 'stopSandbox', RuntimeError]>([
    ['a runtime that does not answer', 'removeSandbox', new RuntimeError('Unavailable', 'away')],
    ['a sandbox that may still run', 'stopSandbox', new RuntimeError('Failed', 'busy')],
  ])('%s is waited for', async (_, method, error) => {
    vi.spyOn(runtime, method).mockRejectedValue(error);
    await expect(removal()).rejects.toThrow(error.message);
    expect(left()).toEqual([true, true]);
    vi.restoreAllMocks();
  });
});
