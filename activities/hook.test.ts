import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import type { Pod } from '../pod/types.ts';
import { hook } from './hook.ts';
import type { NodeContext } from './node-context.ts';

test('a hook that a crash cut off and for which no time is left is not run again, and says so', async () => {
  const lifecycle = { preStop: { sleep: { seconds: 2 } } };
  const pod = { spec: { containers: [{ name: 'main', lifecycle }] } } as unknown as Pod;
  const node = {
    prober: { terminate: () => undefined },
    api: { pod: async () => pod },
    hostIPs: ['192.0.2.1'],
  } as unknown as NodeContext;
  const of = { pod: { namespace: 'n', name: 'a', uid: 'u' }, container: 'main', containerId: 'sim://c1', podIPs: [] };
  const run = (deadline: string) =>
    new MockActivityEnvironment().run(() => hook(node, { ...of, hook: 'preStop', deadline }));
  expect(await run(new Date(Date.now() - 1).toISOString())).toEqual({
    ok: false,
    message: 'the grace period was over before it could be run to its end',
  });
});
