/** How a container ended, in Kubernetes' words: code, reason, and the message it left. */
import { open } from 'node:fs/promises';
import type { Exit } from '../pod/record.ts';
import type { RuntimeContainerStatus } from '../runtime/port.ts';
import type { NodeDirs } from './dirs.ts';

/** https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/: the longest message kept. */
const MAX_MESSAGE_BYTES = 4096;
const MAX_LOG_BYTES = 2048;
const MAX_LOG_LINES = 80;

/** How runc's stand-in for a program ends when its start is cut off: by an error of its own, or killed. */
const CUT_OFF = new Set([1, 137]);

/**
 * A start that came to nothing: no process of the container's ever ran, so there is no end to report. The runtime knows
 * of no start; what it has instead is an error (StartError), or, when it was killed meanwhile, how the stand-in ended or
 * nothing at all. `seenCode` is the exit code as its event had it.
 */
export function neverRan({ state, startedAt, reason, exitCode }: RuntimeContainerStatus, seenCode?: number): boolean {
  if (state === 'created' || state === 'running' || startedAt) return false;
  if (seenCode !== undefined) return CUT_OFF.has(seenCode);
  return state === 'unknown' || reason === 'StartError' || (exitCode !== undefined && CUT_OFF.has(exitCode));
}

/** Whether the end of a container may have to be told from its log (terminationMessagePolicy FallbackToLogsOnError). */
export function readsLog(status: RuntimeContainerStatus): boolean {
  return status.annotations['io.kubernetes.container.terminationMessagePolicy'] === 'FallbackToLogsOnError';
}

/** `seen` is the exit as its event had it, which stands against what the runtime says later. */
export async function describeExit(
  status: RuntimeContainerStatus,
  dirs: NodeDirs,
  seen?: { exitCode: number; at: string },
): Promise<Exit> {
  const lost = seen === undefined && (status.state === 'unknown' || status.reason === 'Unknown');
  const exitCode = seen?.exitCode ?? status.exitCode ?? 255;
  const exit: Exit = {
    exitCode,
    reason: lost ? 'ContainerStatusUnknown' : reasonOf(exitCode, status.reason),
    finishedAt: seen?.at ?? status.finishedAt ?? new Date().toISOString(),
  };
  if (status.startedAt) exit.startedAt = status.startedAt;
  const message = lost
    ? 'The end of the container was not seen, and the runtime does not know its exit code'
    : ((await terminationMessage(status, dirs, exitCode)) ?? status.message);
  if (message) exit.message = message;
  return exit;
}

function reasonOf(exitCode: number, reason: string | undefined): string {
  if (reason === 'OOMKilled' || reason === 'StartError') return reason;
  return exitCode === 0 ? 'Completed' : 'Error';
}

async function terminationMessage(
  status: RuntimeContainerStatus,
  dirs: NodeDirs,
  exitCode: number,
): Promise<string | undefined> {
  const path = dirs.terminationLog(status.pod.uid, status.name, status.attempt);
  const message = await tail(path, MAX_MESSAGE_BYTES);
  if (message || !readsLog(status) || exitCode === 0) return message;
  return logTail(status.logPath);
}

async function logTail(path: string): Promise<string | undefined> {
  const text = await tail(path, MAX_LOG_BYTES + MAX_LOG_LINES * 50);
  const lines = (text ?? '').split('\n').slice(-MAX_LOG_LINES - 1);
  return lines.map(plainLine).join('').slice(-MAX_LOG_BYTES) || undefined;
}

/** Each line carries a time, a stream and a tag before its text; one tagged P goes on in the next, or nowhere. */
function plainLine(line: string): string {
  const [, tag, text] = /^\S+ (?:stdout|stderr) ([FP])\S* (.*)$/.exec(line) ?? [];
  if (tag === undefined) return line && `${line}\n`;
  return tag === 'P' ? (text ?? '') : `${text}\n`;
}

async function tail(path: string, bytes: number): Promise<string | undefined> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    const length = Math.min(size, bytes);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8') || undefined;
  } finally {
    await file.close();
  }
}
