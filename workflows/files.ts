/** Files put into containers from outside: the way to unblock an init container without exec. */
import { ApplicationFailure, condition } from '@temporalio/workflow';
import type { FileResult } from '../pod/contract.ts';
import type { CreateFile } from '../pod/messages.ts';
import type { PodContext } from './context.ts';

/** Content that comes by signal stays in history; larger files go through the API. */
export const MAX_INLINE_BYTES = 64 * 1024;

/** Throws when the file cannot be meant for this Pod. */
export function validateFile(ctx: PodContext, file: CreateFile): void {
  const problem = problemWith(ctx, file);
  if (problem) throw ApplicationFailure.nonRetryable(problem, 'Invalid');
}

function problemWith(ctx: PodContext, { container, path, content }: CreateFile): string | undefined {
  const names = ctx.pod.containers.map((c) => c.name);
  if (!names.includes(container)) return `container "${container}" not found; the Pod has: ${names.join(', ')}`;
  if (typeof path !== 'string' || !path.startsWith('/')) return `path "${path}" must be absolute`;
  if ((content?.length ?? 0) > MAX_INLINE_BYTES) return `content must be at most ${MAX_INLINE_BYTES} bytes`;
  return undefined;
}

/** Creates the file once the container runs; says why when it never will. */
export async function createFile(ctx: PodContext, file: CreateFile): Promise<FileResult> {
  await condition(() => ready(ctx, file.container));
  const current = ctx.record(file.container);
  if (current.phase !== 'running' || !current.id) {
    const message = `container "${file.container}" has ended (${current.exit?.reason ?? 'Pod is over'})`;
    return { created: false, reason: 'ContainerNotRunning', message };
  }
  const containerId = current.id;
  return ctx.act(() =>
    ctx.node.createFile.executeWithOptions({ summary: `create ${file.path} in ${file.container}` }, [
      { pod: ctx.ref, containerId, ...file },
    ]),
  );
}

/** It runs, or never will. */
function ready(ctx: PodContext, name: string): boolean {
  return ctx.record(name).phase === 'running' || ended(ctx, name);
}

function ended(ctx: PodContext, name: string): boolean {
  const record = ctx.record(name);
  return ctx.state.over || ctx.pod.deletion !== undefined || (record.phase === 'exited' && record.exit?.exitCode === 0);
}

/** Serves the files asked for by signal, in order for each container. */
export async function createFiles(ctx: PodContext): Promise<never> {
  const { state } = ctx;
  for (;;) {
    const next = () => state.files.find((f) => problemWith(ctx, f) !== undefined || ready(ctx, f.container));
    await condition(() => next() !== undefined);
    const file = next() as CreateFile;
    const problem = problemWith(ctx, file);
    const result: FileResult = problem
      ? { created: false, reason: 'Invalid', message: problem }
      : await createFile(ctx, file);
    state.files.splice(state.files.indexOf(file), 1);
    const known = ctx.pod.containers.some((c) => c.name === file.container) ? file.container : undefined;
    if (result.created) ctx.event('Normal', 'FileCreated', `Created ${file.path}`, known);
    else ctx.event('Warning', 'FailedCreateFile', `${file.path}: ${result.message}`, known);
  }
}
