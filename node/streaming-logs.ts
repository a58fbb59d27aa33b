import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Runtime } from '../runtime/port.ts';
import { RuntimeError } from '../runtime/port.ts';
import { type AttemptLog, attemptLogs } from './log-files.ts';
import { toNanoseconds } from './log-format.ts';
import { type ReadLogOptions, readLog } from './log-reader.ts';
import { StreamingError } from './streaming-error.ts';
import { flagParam, numberParam, type StreamingRequest } from './streaming-request.ts';

type LogRequest = Extract<StreamingRequest, { action: 'containerLogs' }>;

/** Answers with a container's log: its newest attempt, or with `previous` the one before. Throws StreamingError. */
export async function serveLog(
  runtime: Runtime,
  podLogs: string,
  request: LogRequest,
  response: ServerResponse,
): Promise<void> {
  const { pod, container, query } = request;
  const options = logOptions(query, Date.now());
  const log = chooseAttempt(await attemptLogs(podLogs, pod, container), request);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const follow = flagParam(query, 'follow')
    ? { ended: () => hasEnded(runtime, pod.uid, container, log.attempt) }
    : undefined;
  const text = readLog(log.path, { ...options, follow, signal: gone.signal });
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  response.flushHeaders();
  await pipeline(Readable.from(text, { objectMode: false }), response).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'ABORT_ERR') throw error;
  });
}

function chooseAttempt(logs: AttemptLog[], { pod, container, query }: LogRequest): AttemptLog {
  const previous = flagParam(query, 'previous');
  const log = logs.at(previous ? -2 : -1);
  if (log) return log;
  throw new StreamingError(
    previous ? 400 : 404,
    previous
      ? `previous terminated container "${container}" in pod "${pod.name}" not found`
      : `container "${container}" in pod "${pod.name}" has written no log on this node`,
  );
}

/** The options of a log request. Throws StreamingError. `now`: ms since 1970. */
function logOptions(query: URLSearchParams, now: number): ReadLogOptions {
  const seconds = numberParam(query, 'sinceSeconds', 1);
  const stream = query.get('stream') ?? 'All';
  if (!['All', 'Stdout', 'Stderr'].includes(stream)) {
    throw new StreamingError(400, `stream must be All, Stdout or Stderr, not "${stream}"`);
  }
  return {
    tailLines: numberParam(query, 'tailLines', 0),
    limitBytes: numberParam(query, 'limitBytes', 1),
    since: seconds === undefined ? sinceTime(query) : BigInt(now - seconds * 1000) * 1_000_000n,
    timestamps: flagParam(query, 'timestamps'),
    stream: stream === 'All' ? undefined : stream === 'Stdout' ? 'stdout' : 'stderr',
  };
}

function sinceTime(query: URLSearchParams): bigint | undefined {
  const time = query.get('sinceTime');
  if (time === null) return undefined;
  try {
    return toNanoseconds(time);
  } catch (error) {
    throw new StreamingError(400, `sinceTime must be an RFC 3339 time, not "${time}"`, { cause: error });
  }
}

async function hasEnded(runtime: Runtime, podUid: string, name: string, attempt: number): Promise<boolean> {
  try {
    const containers = await runtime.listContainers({ podUid });
    const container = containers.find((one) => one.name === name && one.attempt === attempt);
    return !container || container.state === 'exited' || container.state === 'unknown';
  } catch (error) {
    // A runtime that is away has not ended the container; its log goes on.
    if (error instanceof RuntimeError && error.transient) return false;
    throw error;
  }
}
