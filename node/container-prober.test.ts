import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Pod } from '../pod/types.ts';
import type { ExecResult, Runtime } from '../runtime/port.ts';
import { ContainerProber } from './container-prober.ts';

const ref = { namespace: 'default', name: 'web', uid: 'u1' };
const pod = (spec: object): Pod => ({ metadata: ref, spec }) as unknown as Pod;
const startedAt = '2030-01-01T00:00:00Z';

let commands: string[][];
let reported: unknown[];
let prober: ContainerProber;

async function execSync(_id: string, command: string[]): Promise<ExecResult> {
  commands.push(command);
  return { exitCode: command[0] === 'true' ? 0 : 1, stdout: command[1] ?? 'no lock', stderr: '', timedOut: false };
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse(startedAt) });
  [commands, reported] = [[], []];
  prober = new ContainerProber({
    runtime: { execSync } as unknown as Runtime,
    idScheme: 'test://',
    ended: (id) => id === 'gone',
    report: async (...args) => void reported.push(args),
    record: (...args) => void reported.push(args),
  });
});
afterEach(() => {
  prober.close();
  vi.useRealTimers();
});

test('each failed probe is an event of its container, and a change of the verdict a report', async () => {
  const readinessProbe = { exec: { command: ['check'] }, periodSeconds: 1, failureThreshold: 2 };
  const livenessProbe = { exec: { command: ['check'] }, periodSeconds: 1, failureThreshold: 2 };
  const sidecar = { name: 'proxy', restartPolicy: 'Always', livenessProbe };
  const spec = { initContainers: [sidecar], containers: [{ name: 'main', readinessProbe }] };
  prober.watch(pod(spec), { name: 'main', id: 'c1', attempt: 0, podIPs: ['10.0.0.7'], startedAt });
  await vi.advanceTimersByTimeAsync(1500);
  prober.forgetPod('u1');
  prober.watch(pod(spec), { name: 'proxy', id: 'c2', attempt: 0, podIPs: ['10.0.0.7'], startedAt });
  await vi.advanceTimersByTimeAsync(1500);
  const event = (kind: string, container: object) => [
    ref,
    { type: 'Warning', reason: 'Unhealthy', message: `${kind} probe failed: no lock`, container },
  ];
  const ready = event('Readiness', { name: 'main', list: 'containers' });
  const alive = event('Liveness', { name: 'proxy', list: 'initContainers' });
  const change = { container: 'proxy', id: 'test://c2', kind: 'liveness', ok: false, message: 'no lock' };
  expect(reported).toEqual([ready, ready, alive, alive, [ref, change]]);
});

test('what a probe says that succeeds is not reported, and of one that fails the beginning', async () => {
  const readinessProbe = { exec: { command: ['true', 'secret'] } };
  const livenessProbe = { exec: { command: ['false', 'x'.repeat(5000)] }, failureThreshold: 1 };
  prober.watch(pod({ containers: [{ name: 'main', readinessProbe, livenessProbe }] }), {
    name: 'main',
    id: 'c1',
    attempt: 0,
    podIPs: [],
    startedAt,
  });
  await vi.advanceTimersByTimeAsync(10);
  const changes = reported.flat().filter((part) => 'ok' in (part as object));
  const change = { container: 'main', id: 'test://c1' };
  expect(changes).toEqual([
    { ...change, kind: 'liveness', ok: false, message: 'x'.repeat(1024) },
    { ...change, kind: 'readiness', ok: true, message: '' },
  ]);
});

describe('verdicts reach the workflow in their order', () => {
  const readinessProbe = { exec: { command: ['check'] }, periodSeconds: 1, failureThreshold: 1 };
  const livenessProbe = { ...readinessProbe, failureThreshold: 9 };
  const watched = { name: 'main', id: 'c1', attempt: 0, podIPs: [], startedAt };
  let heard: string[];
  let hear: (() => void)[];
  let ok: boolean;

  beforeEach(() => {
    [heard, hear, ok] = [[], [], true];
    prober = new ContainerProber({
      runtime: {
        execSync: async () => ({ exitCode: ok ? 0 : 1, stdout: '', stderr: '', timedOut: false }),
      } as unknown as Runtime,
      idScheme: '',
      ended: () => false,
      report: (_, change) => {
        heard.push(`${change.id} ${change.kind} ${change.ok}`);
        return new Promise((resolve) => hear.push(resolve));
      },
      record: () => {},
    });
    prober.watch(pod({ containers: [{ name: 'main', readinessProbe, livenessProbe }] }), watched);
  });

  /** So the probes go, one second each. */
  const verdicts = async (...each: boolean[]) => {
    for (const verdict of each) {
      ok = verdict;
      await vi.advanceTimersByTimeAsync(1000);
    }
  };
  const hearNext = async () => {
    hear.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
    return heard;
  };

  test('one at a time, and then the newest', async () => {
    await verdicts(true, false, true, false);
    expect(heard).toEqual(['c1 readiness true']);
    expect(await hearNext()).toEqual(['c1 readiness true', 'c1 readiness false']);
    await verdicts(true);
    expect(await hearNext()).toEqual(['c1 readiness true', 'c1 readiness false', 'c1 readiness true']);
  });

  test('not what was told last', async () => {
    await verdicts(true, false, true);
    expect(await hearNext()).toEqual(['c1 readiness true']);
    await verdicts(false);
    expect(heard).toEqual(['c1 readiness true', 'c1 readiness false']);
  });

  test('of a container that is forgotten, nothing that had not been begun', async () => {
    await verdicts(true, false);
    prober.forget('c1');
    expect(await hearNext()).toEqual(['c1 readiness true']);
  });

  test('each container and each kind by itself', async () => {
    const probes = { readinessProbe, livenessProbe: readinessProbe };
    prober.forget('c1');
    heard = [];
    prober.watch(pod({ containers: [{ name: 'main', ...probes }] }), { ...watched, id: 'c2' });
    prober.watch(pod({ containers: [{ name: 'other', ...probes }] }), { ...watched, name: 'other', id: 'c3' });
    await verdicts(true, false);
    expect(heard).toEqual(['c2 readiness true', 'c3 readiness true', 'c2 liveness false', 'c3 liveness false']);
  });
});

test("an exec probe's command sees the container's static environment", async () => {
  const env = [{ name: 'LOCK', value: '/run/lock' }];
  const startupProbe = { exec: { command: ['true', '$(LOCK)', '$(OTHER)'] } };
  prober.watch(pod({ containers: [{ name: 'main', env, startupProbe }] }), {
    name: 'main',
    id: 'c1',
    attempt: 0,
    podIPs: [],
    startedAt,
  });
  await vi.advanceTimersByTimeAsync(10);
  expect(commands).toEqual([['true', '/run/lock', '$(OTHER)']]);
});

test('a container whose end is known already is not probed', async () => {
  const spec = { containers: [{ name: 'main', livenessProbe: { exec: { command: ['true'] } } }] };
  for (const id of ['c1', 'gone']) prober.watch(pod(spec), { name: 'main', id, attempt: 0, podIPs: [], startedAt });
  await vi.advanceTimersByTimeAsync(10);
  expect([prober.watches('c1'), prober.watches('gone'), commands]).toEqual([true, false, [['true']]]);
});

test('a container with a postStart hook is not probed before that has ended', async () => {
  const hooked = { postStart: { exec: { command: ['warm-up'] } } };
  const livenessProbe = { exec: { command: ['true'] } };
  const spec = { containers: [{ name: 'main', lifecycle: hooked, livenessProbe }] };
  const watched = { name: 'main', id: 'c1', attempt: 0, podIPs: [], startedAt };
  const status = (state: object) => ({
    containerStatuses: [{ name: 'main', containerID: 'test://c1', ready: false, started: false, state }],
  });
  const probes = async (pod: Pod, more: object = {}) => {
    commands = [];
    prober.watch(pod, { ...watched, ...more });
    await vi.advanceTimersByTimeAsync(10);
    prober.forget('c1');
    return commands.length;
  };
  expect(await probes(pod(spec))).toBe(0);
  expect(await probes({ ...pod(spec), status: status({ waiting: {} }) } as unknown as Pod)).toBe(0);
  expect(await probes(pod(spec), { hooked: true })).toBe(1);
  expect(await probes({ ...pod(spec), status: status({ running: {} }) } as unknown as Pod)).toBe(1);
});
