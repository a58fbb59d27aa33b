import { afterEach, describe, expect, test, vi } from 'vitest';
import { abandonable, MAX_TIMER_MS, TimedOut, withDeadline } from './deadline.ts';
import { execCommand } from './exec.ts';
import { sleep } from './sleep.ts';
import { bounded, decode, reasonOf } from './text.ts';

const never = new AbortController().signal;
afterEach(() => {
  vi.useRealTimers();
});

describe('deadline', () => {
  test('aborts with TimedOut, and leaves no timer behind', async () => {
    vi.useFakeTimers();
    const late = expect(withDeadline(1500, never, (s) => abandonable(new Promise(() => {}), s))).rejects.toEqual(
      new TimedOut(1500),
    );
    await vi.advanceTimersByTimeAsync(1500);
    await late;
    expect(await withDeadline(2 ** 40, never, async () => 'done')).toBe('done');
    expect(vi.getTimerCount()).toBe(0);
  });

  test("passes the caller's reason on", async () => {
    const controller = new AbortController();
    const cut = withDeadline(1000, controller.signal, (s) => abandonable(new Promise(() => {}), s));
    controller.abort(new Error('stopped'));
    await expect(cut).rejects.toEqual(new Error('stopped'));
    await expect(withDeadline(1000, controller.signal, async () => 'no')).rejects.toEqual(new Error('stopped'));
  });
});

describe('sleep', () => {
  test('sleeps longer than one timer can', async () => {
    vi.useFakeTimers();
    const done = vi.fn();
    const slept = sleep(MAX_TIMER_MS / 1000 + 5, never).then(done);
    await vi.advanceTimersByTimeAsync(MAX_TIMER_MS + 4999);
    expect(done).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await slept;
    await sleep(0, never);
  });

  test('is cut short by the signal', async () => {
    const controller = new AbortController();
    const slept = sleep(3600, controller.signal);
    controller.abort(new Error('stopped'));
    await expect(slept).rejects.toEqual(new Error('stopped'));
  });
});

describe('exec', () => {
  test('joins and bounds the output', async () => {
    const calls: unknown[] = [];
    const runtime = {
      execSync: async (...args: unknown[]) => {
        calls.push(args);
        return { exitCode: 3, timedOut: false, stdout: 'o'.repeat(10 * 1024 - 2), stderr: 'errors' };
      },
    };
    expect(await execCommand(runtime, 'c1', ['sh', '-c', 'x'], 1000, never)).toEqual({
      exitCode: 3,
      timedOut: false,
      output: `${'o'.repeat(10 * 1024 - 2)}er`,
    });
    expect(calls).toEqual([['c1', ['sh', '-c', 'x'], 1000]]);
  });

  test('a runtime that does not answer is not waited for without end', async () => {
    vi.useFakeTimers();
    const hung = { execSync: () => new Promise<never>(() => {}) };
    const outcome = expect(execCommand(hung, 'c1', ['true'], 1000, never)).rejects.toThrow(
      "the runtime has not answered 10s after the command's time-out: check it",
    );
    await vi.advanceTimersByTimeAsync(11_000);
    await outcome;
  });
});

test('text: bounded, never within a character, errors in one line', () => {
  expect(bounded('short')).toBe('short');
  expect(decode(Buffer.from('ö'.repeat(6000)))).toBe('ö'.repeat(5120));
  expect(bounded(`x${'ö'.repeat(6000)}`)).toBe(`x${'ö'.repeat(5119)}`);
  expect(reasonOf(new AggregateError([new Error('a'), new Error('b')]))).toBe('a; b');
  expect([reasonOf('text'), reasonOf(new TypeError())]).toEqual(['text', 'TypeError']);
});
