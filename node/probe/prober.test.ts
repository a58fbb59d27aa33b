import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ExecResult } from '../../runtime/port.ts';
import { Prober, type ProberOptions } from './prober.ts';
import type { ProbeFailure, ProbeTransition, WatchedContainer } from './reports.ts';

const pod = { namespace: 'default', name: 'web', uid: 'u1' };
const start = Date.parse('2030-01-01T00:00:00Z');

/** What each command of the container does; changed by the tests as time goes by. */
let commands: Record<string, 'ok' | 'fail' | 'error' | 'hang'>;
let calls: string[];
let log: string[];
let prober: Prober;

const seconds = () => `${(Date.now() - start) / 1000}s`;

function execSync(id: string, [command = '']: string[], _timeoutMs: number): Promise<ExecResult> {
  calls.push(`${seconds()} ${id} ${command}`);
  const how = commands[command];
  if (how === 'hang') return new Promise(() => {});
  if (how === 'error') return Promise.reject(new Error('no such command'));
  return Promise.resolve({
    exitCode: how === 'ok' ? 0 : 1,
    stdout: how === 'ok' ? '' : 'broken',
    stderr: '',
    timedOut: false,
  });
}

const transition = ({ containerId, kind, result, message }: ProbeTransition) =>
  log.push(`${seconds()} ${containerId} ${kind} ${result}${message && `: ${message}`}`);
const failure = ({ containerId, reason, message }: ProbeFailure) =>
  log.push(`${seconds()} ${containerId} ${reason} ${message}`);

function create(change: Partial<ProberOptions> = {}) {
  return new Prober({ runtime: { execSync }, onTransition: transition, onFailure: failure, ...change });
}

const exec = (command: string, more: object = {}) => ({ exec: { command: [command] }, periodSeconds: 10, ...more });

function container(change: Partial<WatchedContainer>): WatchedContainer {
  return {
    pod,
    container: 'main',
    containerId: 'c1',
    attempt: 0,
    probes: {},
    ports: [],
    podIP: '10.0.0.7',
    hostNetwork: false,
    startedAt: new Date().toISOString(),
    ...change,
  };
}

const pass = (s: number) => vi.advanceTimersByTimeAsync(s * 1000);

beforeEach(() => {
  vi.useFakeTimers({ now: start });
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  [commands, calls, log] = [{}, [], []];
  prober = create();
});

afterEach(async () => {
  prober.close();
  await pass(0);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('readiness', () => {
  test('starts false, is probed at once and then each period, and reports changes only', async () => {
    commands = { ready: 'ok' };
    prober.watch(container({ probes: { readiness: exec('ready', { failureThreshold: 2 }) } }));
    await pass(25);
    commands.ready = 'fail';
    await pass(30);
    commands.ready = 'ok';
    await pass(10);
    expect(calls).toEqual(['0s', '10s', '20s', '30s', '40s', '50s', '60s'].map((at) => `${at} c1 ready`));
    expect(log).toEqual([
      '0s c1 readiness true',
      '30s c1 Unhealthy Readiness probe failed: broken',
      '40s c1 Unhealthy Readiness probe failed: broken',
      '40s c1 readiness false: broken',
      '50s c1 Unhealthy Readiness probe failed: broken',
      '60s c1 readiness true',
    ]);
  });

  test('a whole transition and a whole failure', async () => {
    const onTransition = vi.fn();
    const onFailure = vi.fn();
    prober = create({ onTransition, onFailure });
    commands = { alive: 'fail' };
    prober.watch(container({ attempt: 3, probes: { liveness: exec('alive', { failureThreshold: 1 }) } }));
    await pass(1);
    const subject = { pod, container: 'main', containerId: 'c1', attempt: 3, kind: 'liveness' };
    const at = '2030-01-01T00:00:00.000Z';
    expect(onTransition.mock.calls).toEqual([[{ ...subject, result: false, message: 'broken', at }]]);
    expect(onFailure.mock.calls).toEqual([
      [{ ...subject, reason: 'Unhealthy', message: 'Liveness probe failed: broken' }],
    ]);
  });

  test('goes on from before a restart, spread over the period', async () => {
    commands = { ready: 'ok' };
    const startedAt = new Date(start - 60_000).toISOString();
    const probes = { readiness: exec('ready', { failureThreshold: 1 }) };
    prober.watch(container({ probes, startedAt, initial: { started: true, ready: true } }));
    await pass(6);
    commands.ready = 'fail';
    await pass(10);
    expect(calls).toEqual(['5s c1 ready', '15s c1 ready']);
    expect(log).toEqual(['15s c1 Unhealthy Readiness probe failed: broken', '15s c1 readiness false: broken']);
  });

  test('what cannot be carried out changes nothing', async () => {
    commands = { ready: 'ok' };
    prober.watch(container({ probes: { readiness: exec('ready', { failureThreshold: 1 }) } }));
    await pass(5);
    commands.ready = 'error';
    await pass(10);
    expect(log).toEqual([
      '0s c1 readiness true',
      '10s c1 Unhealthy Readiness probe errored and resulted in unknown state: no such command',
    ]);
    expect(calls).toHaveLength(4);
  });
});

describe('periods and delays', () => {
  test('waits for the initial delay, counted from the start of the container', async () => {
    await pass(20);
    const startedAt = new Date(Date.now() - 2000).toISOString();
    prober.watch(container({ startedAt, probes: { readiness: exec('ready', { initialDelaySeconds: 5 }) } }));
    await pass(14);
    expect(calls).toEqual(['23s c1 ready', '33s c1 ready']);
  });

  test('the longest initial delay that fits a Pod does not fire at once', async () => {
    prober.watch(container({ probes: { readiness: exec('ready', { initialDelaySeconds: 2 ** 31 - 1 }) } }));
    await pass(2 ** 22);
    expect(calls).toEqual([]);
  });

  test("the annotation's period", async () => {
    prober.watch(container({ probes: { readiness: exec('ready') }, periodMs: { readiness: 250 } }));
    await pass(0.8);
    expect(calls).toEqual(['0s', '0.25s', '0.5s', '0.75s'].map((at) => `${at} c1 ready`));
  });

  describe('exec probes take turns', () => {
    /** Exec probes all of whose first is due now, one container each. */
    const watchAll = (ids: string[], command: string, podOf: (id: string) => string) => {
      for (const id of ids) {
        const probes = { readiness: exec(command, { timeoutSeconds: 10 }) };
        prober.watch(container({ pod: { ...pod, uid: podOf(id) }, container: id, containerId: id, probes }));
      }
    };
    const numbered = (count: number) => Array.from({ length: count }, (_, i) => `h${i}`);

    test("those that hang hold up other Pods' for half a second for each sixteen, not for their time-out", async () => {
      commands = { hang: 'hang', ready: 'ok' };
      watchAll(numbered(32), 'hang', (id) => id);
      watchAll(['good'], 'ready', (id) => id);
      await pass(11);
      expect(calls.filter((call) => call.endsWith('hang')).map((call) => call.split(' ')[0])).toEqual([
        ...Array(16).fill('0s'),
        ...Array(16).fill('0.5s'),
      ]);
      expect(log).toEqual(['1s good readiness true']);
      expect(calls.slice(32)).toEqual(['1s good ready', '10s good ready']);
    });

    test("of a Pod's only so many run at once, and those of a container that is gone hold up none", async () => {
      commands = { hang: 'hang', ready: 'ok' };
      watchAll(numbered(4), 'hang', () => 'u1');
      watchAll(['late'], 'ready', () => 'u1');
      watchAll(['other'], 'ready', () => 'u2');
      await pass(4);
      expect(calls).toEqual(['0s h0 hang', '0s h1 hang', '0s h2 hang', '0s h3 hang', '0s other ready']);
      prober.unwatch('h0');
      await pass(0);
      expect(calls.slice(5)).toEqual(['4s late ready']);
    });
  });
});

describe('startup', () => {
  const probes = {
    startup: exec('started', { periodSeconds: 1, failureThreshold: 3 }),
    liveness: exec('alive', { failureThreshold: 1 }),
    readiness: exec('ready'),
  };

  test('liveness and readiness wait for it, and it rests once it has succeeded', async () => {
    commands = { started: 'fail', alive: 'ok', ready: 'ok' };
    prober.watch(container({ probes }));
    await pass(1.5);
    commands.started = 'ok';
    await pass(10);
    expect(calls).toEqual(['0s c1 started', '1s c1 started', '2s c1 started', '2.001s c1 alive', '2.001s c1 ready']);
    expect(log).toEqual([
      '0s c1 Unhealthy Startup probe failed: broken',
      '1s c1 Unhealthy Startup probe failed: broken',
      '2s c1 startup true',
      '2.001s c1 readiness true',
    ]);
  });

  test('a container that does not start is reported once; its successor is probed anew', async () => {
    commands = { started: 'fail' };
    prober.watch(container({ probes }));
    await pass(60);
    expect(calls).toHaveLength(3);
    expect(log.at(-1)).toBe('2s c1 startup false: broken');
    commands = { started: 'ok', alive: 'ok', ready: 'ok' };
    prober.watch(container({ containerId: 'c2', attempt: 1, probes }));
    await pass(1);
    expect(calls.slice(3)).toEqual(['60s c2 started', '60.001s c2 alive', '60.001s c2 ready']);
    expect(log.slice(-2)).toEqual(['60s c2 startup true', '60.001s c2 readiness true']);
  });

  test('is not repeated after a restart', async () => {
    commands = { alive: 'ok', ready: 'ok' };
    prober.watch(container({ probes, initial: { started: true, ready: false } }));
    await pass(1);
    expect(calls).toEqual(['0s c1 alive', '0s c1 ready']);
  });
});

describe('liveness', () => {
  test('rests after it has failed, while readiness goes on', async () => {
    commands = { alive: 'fail', ready: 'ok' };
    const probes = { liveness: exec('alive', { failureThreshold: 2 }), readiness: exec('ready') };
    prober.watch(container({ probes }));
    await pass(35);
    expect(calls.filter((c) => c.endsWith('alive'))).toEqual(['0s c1 alive', '10s c1 alive']);
    expect(calls.filter((c) => c.endsWith('ready'))).toHaveLength(4);
    expect(log).toEqual([
      '0s c1 Unhealthy Liveness probe failed: broken',
      '0s c1 readiness true',
      '10s c1 Unhealthy Liveness probe failed: broken',
      '10s c1 liveness false: broken',
    ]);
  });
});

describe('the end', () => {
  const probes = { liveness: exec('alive'), readiness: exec('ready', { failureThreshold: 1 }) };

  test('on termination only readiness goes on', async () => {
    commands = { alive: 'ok', ready: 'ok' };
    prober.watch(container({ probes }));
    await pass(1);
    prober.terminate('other');
    prober.terminate('c1');
    commands = { alive: 'fail', ready: 'fail' };
    await pass(10);
    expect(calls.slice(2)).toEqual(['10s c1 ready']);
    expect(log.at(-1)).toBe('10s c1 readiness false: broken');
  });

  test('a Pod that is terminating already is not probed for startup or liveness', async () => {
    prober.watch(container({ probes, terminating: true }));
    prober.watch(
      container({ container: 'b', containerId: 'b', probes: { startup: exec('started') }, terminating: true }),
    );
    await pass(1);
    expect(calls).toEqual(['0s c1 ready']);
  });

  test('nothing is reported of a container that is no longer watched, nor by what was under way', async () => {
    commands = { ready: 'hang' };
    prober.watch(container({ probes: { readiness: exec('ready') } }));
    await pass(1);
    prober.unwatch('c1');
    prober.unwatch('c1');
    await pass(60);
    expect({ calls, log }).toEqual({ calls: ['0s c1 ready'], log: [] });
  });

  test('watching twice changes nothing', async () => {
    commands = { ready: 'ok' };
    const watched = container({ probes: { readiness: exec('ready') } });
    prober.watch(watched);
    await pass(5);
    prober.watch({ ...watched });
    await pass(6);
    expect({ calls, log }).toEqual({ calls: ['0s c1 ready', '10s c1 ready'], log: ['0s c1 readiness true'] });
  });
});
