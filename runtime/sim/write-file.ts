/** The port's writeFile on simulated files, with the refusals of the real driver. */
import { RuntimeError } from '../port.ts';
import type { SimContainer } from './container.ts';
import { FileError } from './file-system.ts';

const REASONS: Record<string, string> = {
  EISDIR: 'a directory is in the way',
  EROFS: 'the file system is read-only',
};

export function writeFile(container: SimContainer, path: string, content: Uint8Array, mode: number): void {
  const fail = (why: string, cause?: unknown) => new RuntimeError('Failed', `cannot write ${path}: ${why}`, { cause });
  const { state } = container.status();
  if (state !== 'running')
    throw new RuntimeError('Failed', `container ${container.spec.name} is not running (${state})`);
  if (!path.startsWith('/')) throw fail('the path must be absolute');
  if (path.endsWith('/')) throw fail('the path must name a file, not a directory');
  const missing = container.files.missingParent(path);
  if (missing !== undefined) throw fail(`the directory ${JSON.stringify(missing)} on the way does not exist`);
  try {
    container.files.write(path, content, { mode });
  } catch (error) {
    if (error instanceof FileError) throw fail(REASONS[error.code] ?? error.message, error);
    throw error;
  }
}
