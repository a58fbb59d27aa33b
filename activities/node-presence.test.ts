import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import type { NodeFacts } from '../pod/contract.ts';
import { presenceActivities } from './node-presence.ts';

function presence() {
  let outdated = new AbortController();
  const stopping = new AbortController();
  const { registerNode, watchNode } = presenceActivities({
    facts: async () => ({ instance: 'i1' }) as NodeFacts,
    outdated: () => outdated.signal,
    watched: () => undefined,
    stopping: stopping.signal,
  });
  const env = new MockActivityEnvironment();
  return {
    register: () => env.run(registerNode),
    watch: () => env.run(() => watchNode({ instance: 'i1' })),
    cancel: () => env.cancel('WORKER_SHUTDOWN'),
    stop: () => stopping.abort(),
    change() {
      outdated.abort();
      outdated = new AbortController();
    },
  };
}

test('a node that has something new to say says so, also when that came before it was watched', async () => {
  const node = presence();
  await node.register();
  const watching = node.watch();
  node.change();
  expect(await watching).toBe('changed');
  await node.register();
  node.change();
  expect(await node.watch()).toBe('changed');
});

test('one that stops in order is done; one that is given up is cancelled', async () => {
  const stopped = presence();
  await stopped.register();
  const watching = stopped.watch();
  stopped.change();
  stopped.stop();
  expect(await watching).toBeUndefined();
  const given = presence();
  await given.register();
  const cancelled = expect(given.watch()).rejects.toThrow('WORKER_SHUTDOWN');
  given.cancel();
  await cancelled;
});
