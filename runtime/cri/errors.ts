/** What a failed gRPC call means in the port's words. */
import { type ServiceError, status } from '@grpc/grpc-js';
import { RuntimeError } from '../port.ts';

/** True for the errors @grpc/grpc-js rejects calls with. */
export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error && typeof error.code === 'number';
}

/**
 * The RuntimeError for a failed call. `method` is the CRI method; `socket` is named when nobody answers on it.
 * Texts are the runtime's own: people search for them, and the kubelet shows them as they are.
 */
export function toRuntimeError(error: unknown, method: string, socket: string): RuntimeError {
  if (error instanceof RuntimeError) return error;
  if (!isServiceError(error)) return new RuntimeError('Failed', `${method}: ${String(error)}`, { cause: error });
  const { code, details } = error;
  const failed = (as: RuntimeError['code'], message: string) => new RuntimeError(as, message, { cause: error });
  switch (code) {
    case status.UNAVAILABLE:
    case status.CANCELLED:
      return failed('Unavailable', `the container runtime at ${socket} does not answer (is it running?): ${details}`);
    case status.DEADLINE_EXCEEDED:
      return failed('Unavailable', `the container runtime at ${socket} took too long for ${method}: ${details}`);
    case status.NOT_FOUND:
      return failed('NotFound', details);
    case status.ALREADY_EXISTS:
      return failed('AlreadyExists', details);
    case status.UNIMPLEMENTED:
      return failed('Unsupported', `the container runtime at ${socket} has no CRI v1 ${method}: ${details}`);
  }
  // containerd and CRI-O send these with the code UNKNOWN.
  if (/not initialized yet/i.test(details)) return failed('Unavailable', details);
  if (/name .*is reserved/i.test(details)) return failed('AlreadyExists', details);
  if (/invalid reference|could not parse reference/i.test(details)) return failed('InvalidImageName', details);
  return failed('Failed', details);
}

/** Stopping or removing what is not there is success: a repeated call meets what its first try did. */
export async function goneIsDone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof RuntimeError && error.code === 'NotFound')) throw error;
  }
}

/** Beginnings of what @grpc/grpc-js says by itself: it got no answer. */
const NO_ANSWER = /^(Deadline exceeded|Cancelled on client|Call cancelled|Received RST_STREAM)/;

/**
 * For calls in which the runtime waits for others (a registry, a network): one that it gave up was answered, and is a
 * failure like any other. Without an answer nothing is known, as ever.
 */
export async function givenUpIsFailed<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const cause = error instanceof RuntimeError && error.transient ? error.cause : undefined;
    if (!isServiceError(cause) || NO_ANSWER.test(cause.details)) throw error;
    if (cause.code !== status.DEADLINE_EXCEEDED && cause.code !== status.CANCELLED) throw error;
    throw new RuntimeError('Failed', cause.details, { cause });
  }
}
