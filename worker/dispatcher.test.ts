import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { expect, test, vi } from 'vitest';
import type { PodView } from '../pod/view.ts';
import { Compacted, DELETE, type Store } from '../store/port.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { Dispatcher } from './dispatcher.ts';

/** Temporal, as far as the dispatcher sees it. `refuse` says which messages fail now, `hold` which get no answer yet. */
class Temporal {
  /** `name@resourceVersion`, of a deleted Pod `name gone`, in the order heard. */
  readonly heard: string[] = [];
  asked = 0;
  refuse = (_message: string): boolean => false;
  hold = (_message: string): Promise<void> | undefined => undefined;

  get client(): Client {
    return {
      withDeadline: (_deadline: number, work: () => Promise<unknown>) => work(),
      workflow: {
        signalWithStart: (_type: string, { signalArgs: [view] }: { signalArgs: [PodView] }) => this.#hear(view),
        getHandle: () => ({ signal: (_name: string, view: PodView) => this.#hear(view) }),
      },
    } as unknown as Client;
  }

  async #hear(view: PodView): Promise<void> {
    const message = view.deletion?.gone ? `${view.name} gone` : `${view.name}@${view.resourceVersion}`;
    this.asked++;
    await this.hold(message);
    if (this.refuse(message)) throw new Error('14 UNAVAILABLE');
    this.heard.push(message);
  }
}

function bench() {
  const store = openSqliteStore(':memory:');
  const temporal = new Temporal();
  const warnings: string[] = [];
  const log = {
    debug() {},
    info() {},
    error() {},
    warn: (_fields: object, message: string) => void warnings.push(message),
  };
  const key = (name: string) => ({ resource: 'pods', namespace: 'default', name });
  return {
    store,
    temporal,
    warnings,
    cursor: () => store.cursor('dispatcher'),
    async create(...names: string[]) {
      for (const name of names) {
        const metadata = { name, namespace: 'default', uid: `uid-${name}` };
        await store.create(key(name), { metadata, spec: { containers: [] } }, 'client');
      }
    },
    /** So many changes of one Pod, by clients. */
    async change(name: string, times = 1) {
      for (let i = 0; i < times; i++) {
        await store.update(
          key(name),
          (pod) => ({ ...pod, spec: { ...pod.spec, edit: crypto.randomUUID() } }),
          'client',
        );
      }
    },
    async remove(name: string) {
      await store.update(key(name), () => DELETE, 'client');
    },
    /** Starts a dispatcher; `over` are operations of its store that go wrong. */
    start(over: Partial<Store> = {}) {
      const stopping = new AbortController();
      const running = new Dispatcher({ ...store, ...over }, temporal.client, log).run(stopping.signal);
      return {
        async stop() {
          stopping.abort();
          await running;
        },
      };
    },
  };
}

const { waitFor } = vi;
const soon = (check: () => unknown) => waitFor(check, { timeout: 5_000, interval: 5 });
/** Longer than the cursor's saves are apart. */
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 600));

test('tells what clients write, in order, and not what workflows write', async () => {
  const { store, temporal, create, change, remove, start, cursor } = bench();
  await create('a', 'b');
  const running = start();
  await store.update(
    { resource: 'pods', namespace: 'default', name: 'a' },
    (pod) => ({ ...pod, status: { phase: 'Running' } }),
    'workflow',
  );
  await change('a');
  await remove('a');
  await soon(() => expect(temporal.heard.toSorted()).toEqual(['a gone', 'a@1', 'a@4', 'b@2']));
  expect(temporal.heard.filter((message) => message.startsWith('a'))).toEqual(['a@1', 'a@4', 'a gone']);
  await running.stop();
  expect(await cursor()).toBe(5);
});

test('goes on from the cursor', async () => {
  const { temporal, create, start } = bench();
  await create('a');
  const first = start();
  await soon(() => expect(temporal.heard).toEqual(['a@1']));
  await first.stop();
  await create('b');
  const second = start();
  await soon(() => expect(temporal.heard).toEqual(['a@1', 'b@2']));
  await second.stop();
});

test('a workflow that is over needs no telling', async () => {
  const { temporal, create, remove, start, cursor } = bench();
  await create('a');
  await remove('a');
  temporal.hold = (message) =>
    message === 'a gone' ? Promise.reject(new WorkflowNotFoundError('over', 'id', undefined)) : undefined;
  const running = start();
  await soon(() => expect(temporal.asked).toBe(2));
  await running.stop();
  expect([temporal.heard, await cursor()]).toEqual([['a@1'], 2]);
});

test('what was written while Temporal is away is told after an orderly stop and a start', async () => {
  const { temporal, create, change, start, cursor } = bench();
  await create('told', 'a');
  temporal.refuse = (message) => !message.startsWith('told');
  const first = start();
  await soon(() => expect(temporal.asked).toBeGreaterThan(2));
  await change('a');
  await first.stop();
  expect([temporal.heard, await cursor()]).toEqual([['told@1'], 1]);

  temporal.refuse = () => false;
  const second = start();
  await soon(() => expect(temporal.heard).toEqual(['told@1', 'a@2', 'a@3']));
  await second.stop();
  expect(await cursor()).toBe(3);
});

test('messages of one Pod keep their order when the first has to be repeated', async () => {
  const { temporal, create, change, start } = bench();
  await create('a');
  await change('a');
  let failures = 2;
  temporal.refuse = () => failures-- > 0;
  const running = start();
  await soon(() => expect(temporal.heard).toEqual(['a@1', 'a@2']));
  await running.stop();
});

test('the cursor stands before the first message that is not told, whatever is told after it', async () => {
  const { temporal, create, start, cursor } = bench();
  await create('a', 'b', 'c');
  const answer = Promise.withResolvers<void>();
  temporal.hold = (message) => (message === 'b@2' ? answer.promise : undefined);
  const running = start();
  await soon(async () => expect([temporal.heard, await cursor()]).toEqual([['a@1', 'c@3'], 1]));
  answer.resolve();
  await soon(async () => expect([temporal.heard, await cursor()]).toEqual([['a@1', 'c@3', 'b@2'], 3]));
  await running.stop();
});

test('no more is read than can be told, by however few Pods, and a stop does not wait for it', async () => {
  const { store, temporal, create, change, start, cursor } = bench();
  await create('a');
  await change('a', 200);
  await create('z');
  temporal.refuse = () => true;
  let read = 0;
  const first = start({
    async *watch(options) {
      for await (const one of store.watch(options)) {
        read++;
        yield one;
      }
    },
  });
  await aWhile();
  expect(read).toBeLessThan(100);
  await first.stop();
  expect(await cursor()).toBe(0);

  temporal.refuse = () => false;
  const second = start();
  await soon(() => expect(temporal.heard.at(-1)).toBe('z@202'));
  expect(temporal.heard.length).toBe(202);
  await second.stop();
});

/** A store whose log does not reach back to the cursor. */
function compactedOnce(store: Store): Partial<Store> {
  let compacted = true;
  return {
    async *watch(options) {
      if (compacted) throw new Compacted();
      yield* store.watch(options);
    },
    async list(...args) {
      const list = await store.list(...args);
      compacted = false;
      return list;
    },
  };
}

test('after compaction every Pod is told how it stands, then what comes after', async () => {
  const { store, temporal, create, change, start, cursor } = bench();
  await create('a', 'b');
  await change('a');
  const running = start(compactedOnce(store));
  await soon(() => expect(temporal.heard).toEqual(['a@3', 'b@2']));
  await create('c');
  await soon(() => expect(temporal.heard).toEqual(['a@3', 'b@2', 'c@4']));
  await running.stop();
  expect(await cursor()).toBe(4);
});

test('after compaction the cursor moves only when every Pod is told', async () => {
  const { store, temporal, create, start, cursor } = bench();
  await create('a', 'b');
  const answer = Promise.withResolvers<void>();
  temporal.hold = (message) => (message.startsWith('b') ? answer.promise : undefined);
  const running = start(compactedOnce(store));
  await soon(() => expect(temporal.heard).toEqual(['a@1']));
  await aWhile();
  expect(await cursor()).toBe(0);
  answer.resolve();
  await soon(async () => expect(await cursor()).toBe(2));
  await running.stop();
});

test('a stop after compaction, before every Pod is told, leaves the cursor where it was', async () => {
  const { store, temporal, create, start, cursor } = bench();
  await create('a', 'b');
  temporal.refuse = (message) => message.startsWith('b');
  const running = start(compactedOnce(store));
  await soon(() => expect(temporal.asked).toBeGreaterThan(2));
  await running.stop();
  expect([temporal.heard, await cursor()]).toEqual([['a@1'], 0]);
});

const operations: ('cursor' | 'saveCursor' | 'watch' | 'list')[] = ['cursor', 'saveCursor', 'watch', 'list'];

test.each(operations)('a store that fails in %s is asked again', async (operation) => {
  const { store, temporal, warnings, create, start, cursor } = bench();
  await create('a');
  const over = operation === 'list' ? compactedOnce(store) : {};
  const works = { ...store, ...over }[operation] as (...args: unknown[]) => unknown;
  let failures = 1;
  const running = start({
    ...over,
    [operation]: (...args: unknown[]) => {
      if (failures-- > 0) throw new Error('the database is away');
      return works(...args);
    },
  });
  await soon(async () => expect([temporal.heard, await cursor()]).toEqual([['a@1'], 1]));
  await running.stop();
  expect(warnings).toEqual(['following Pods failed, trying again']);
});

test('a stop ends well though the store is away', async () => {
  const { store, temporal, warnings, create, start, cursor } = bench();
  await create('a');
  let saves = 0;
  const running = start({
    saveCursor: (...args) => (saves++ ? Promise.reject(new Error('the database is away')) : store.saveCursor(...args)),
  });
  await soon(() => expect(temporal.heard).toEqual(['a@1']));
  await running.stop();
  expect([await cursor(), warnings]).toEqual([0, ['the cursor is not saved: Pods will be told once more']]);
});
