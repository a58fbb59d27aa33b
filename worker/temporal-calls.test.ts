import { Client, Connection, ServiceError } from '@temporalio/client';
import { expect, test } from 'vitest';
import { TemporalCalls } from './temporal-calls.ts';

/** Nothing listens there. */
const address = '127.0.0.1:1';
const aWhile = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('a connection ends well though a call of it is being repeated', async () => {
  const calls = new TemporalCalls();
  const connection = Connection.lazy({ address, interceptors: calls.interceptors });
  const ended: unknown[] = [];
  const signalled = new Client({ connection }).workflow
    .getHandle('pod')
    .signal('podChanged')
    .catch((error) => void ended.push(error));
  await aWhile(300);
  expect(ended).toEqual([]);
  await calls.end();
  await connection.close();
  await signalled;
  expect(ended).toEqual([expect.any(ServiceError)]);
  // What would be repeated after the end would throw out of a timer, which no caller can catch.
  await aWhile(1_500);
});

test('without a call under way nothing is waited for', async () => {
  const began = performance.now();
  await new TemporalCalls().end();
  expect(performance.now() - began).toBeLessThan(100);
});
