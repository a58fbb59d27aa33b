/** Changes the runtime reports by itself: containerd's events service where there is one, else CRI's own stream. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type ClientReadableStream, status } from '@grpc/grpc-js';
import { type Runtime, RuntimeError, type RuntimeEvent } from '../port.ts';
import { type CriClient, decodeEvent } from './client.ts';
import { isServiceError, toRuntimeError } from './errors.ts';
import { fromNanos, fromTimestamp } from './from-cri.ts';
import type { ContainerEventMessage, EnvelopeMessage, TaskExitMessage, TaskStartMessage } from './messages.ts';

type Item = RuntimeEvent | { type: 'subscribed' };

const TOPICS = ['/tasks/start', '/tasks/exit', '/tasks/oom', '/containers/delete'];

export function events(client: CriClient): Pick<Runtime, 'events'> {
  return {
    async *events(signal) {
      try {
        yield* containerdEvents(client, signal);
      } catch (error) {
        if (!(error instanceof RuntimeError && error.code === 'Unsupported')) throw error;
        yield* criEvents(client, signal);
      }
    },
  };
}

/**
 * containerd answers a subscription with nothing until something happens, so when it took effect is not to be seen.
 * A marker of our own is published until it comes back: what happens after that comes back too.
 */
async function* containerdEvents(client: CriClient, signal: AbortSignal): AsyncGenerator<Item> {
  const marker = `/durapod/subscribed/${randomUUID()}`;
  const filters = [...TOPICS, marker].map((topic) => `namespace=="k8s.io",topic=="${topic}"`);
  const stream = client.stream<EnvelopeMessage>('events', 'Subscribe', { filters });
  const marked = new AbortController();
  const publishing = publishUntil(client, marker, AbortSignal.any([marked.signal, signal]));
  try {
    for await (const envelope of read(client, 'Subscribe', stream, signal)) {
      if (envelope.topic !== marker) {
        const event = toEvent(envelope);
        if (event) yield event;
      } else if (!marked.signal.aborted) {
        marked.abort();
        yield { type: 'subscribed' };
      }
    }
  } finally {
    marked.abort();
    await publishing;
  }
}

async function publishUntil(client: CriClient, topic: string, signal: AbortSignal): Promise<void> {
  const request = { topic, event: { typeUrl: 'durapod.Subscribed', value: Buffer.alloc(0) } };
  for (let pause = 2; !signal.aborted; pause = Math.min(pause * 2, 250)) {
    // A failure shows on the stream as well, which reports it.
    await client.call('events', 'Publish', request, { signal, deadlineMs: 10_000 }).catch(() => {});
    await delay(pause, undefined, { signal }).catch(() => {});
  }
}

function toEvent({ topic, timestamp, event }: EnvelopeMessage): RuntimeEvent | undefined {
  if (!event || !timestamp) return undefined;
  const at = fromTimestamp(timestamp);
  switch (topic) {
    case '/tasks/start':
      return { type: 'started', id: decodeEvent<TaskStartMessage>('TaskStart', event.value).containerId, at };
    case '/tasks/oom':
      return { type: 'oom', id: decodeEvent<TaskStartMessage>('TaskOOM', event.value).containerId, at };
    case '/containers/delete':
      return { type: 'deleted', id: decodeEvent<{ id: string }>('ContainerDelete', event.value).id, at };
    case '/tasks/exit': {
      const exit = decodeEvent<TaskExitMessage>('TaskExit', event.value);
      if (exit.id !== exit.containerId) return undefined;
      const exitedAt = exit.exitedAt ? fromTimestamp(exit.exitedAt) : at;
      return { type: 'exited', id: exit.containerId, at: exitedAt, exitCode: exit.exitStatus };
    }
  }
  return undefined;
}

/** How long a CRI stream is given to take effect; CRI has no sign for it, and the lists that follow make up for it. */
const CRI_SUBSCRIBE_MS = 50;
/** The end of a sandbox comes without its exit code, which nothing depends on. */
const UNKNOWN_EXIT_CODE = 255;

async function* criEvents(client: CriClient, signal: AbortSignal): AsyncGenerator<Item> {
  const stream = client.stream<ContainerEventMessage>('runtime', 'GetContainerEvents', {});
  const messages = read(client, 'GetContainerEvents', stream, signal);
  // Asked on the same connection after the stream: its answer comes when the runtime has seen the stream's request.
  const ready = client.call('runtime', 'Version', {}, { signal }).then(() => delay(CRI_SUBSCRIBE_MS));
  let next = messages.next();
  try {
    await Promise.race([ready, next]);
    yield { type: 'subscribed' };
    for (let item = await next; !item.done; item = await next) {
      for (const event of toEvents(item.value)) yield event;
      next = messages.next();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stream.cancel();
    await Promise.allSettled([ready, next]);
  }
}

function toEvents({
  containerId: id,
  containerEventType,
  createdAt,
  containersStatuses,
}: ContainerEventMessage): RuntimeEvent[] {
  const at = fromNanos(createdAt);
  switch (containerEventType) {
    case 'CONTAINER_STARTED_EVENT':
      return [{ type: 'started', id, at }];
    case 'CONTAINER_DELETED_EVENT':
      return [{ type: 'deleted', id, at }];
    case 'CONTAINER_STOPPED_EVENT': {
      const status = containersStatuses.find((status) => status.id === id);
      const exitedAt = status && status.finishedAt !== '0' ? fromNanos(status.finishedAt) : at;
      const exited = { type: 'exited', id, at: exitedAt, exitCode: status?.exitCode ?? UNKNOWN_EXIT_CODE } as const;
      return status?.reason === 'OOMKilled' ? [{ type: 'oom', id, at: exitedAt }, exited] : [exited];
    }
    default:
      return [];
  }
}

/** The stream's messages until `signal` aborts. Throws Unavailable when the stream ends by itself. */
async function* read<T>(
  client: CriClient,
  method: string,
  stream: ClientReadableStream<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const cancel = () => stream.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  // Without a listener an error after the loop's end (our own cancel) would end the process.
  stream.on('error', () => {});
  try {
    yield* stream as AsyncIterable<T>;
  } catch (error) {
    if (signal.aborted) return;
    // A containerd without its events service answers so too.
    if (isServiceError(error) && error.code === status.UNKNOWN && /unknown service/.test(error.details))
      throw new RuntimeError('Unsupported', error.details, { cause: error });
    throw toRuntimeError(error, method, client.socket);
  } finally {
    signal.removeEventListener('abort', cancel);
    stream.cancel();
  }
  if (!signal.aborted)
    throw new RuntimeError('Unavailable', `the container runtime at ${client.socket} ended its events`);
}
