import { rm } from 'node:fs/promises';
import { runProgram } from './programs.ts';

const TIMEOUT_MS = 600_000;

/** Removes a directory that containers wrote to, with all that is in it. Throws what stands in the way. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch {
    // It may be deeper than a path can be long, which the program does not mind.
    await removeByProgram(path).catch(async () => {
      await allowChanges(path);
      await removeByProgram(path);
    });
  }
}

function removeByProgram(path: string): Promise<void> {
  return runProgram('rm', ['-rf', '--one-file-system', '--', path], TIMEOUT_MS);
}

/** Takes the attributes away with which a container (CAP_LINUX_IMMUTABLE) keeps even root from removing its files. */
async function allowChanges(path: string): Promise<void> {
  const files = [path, '-xdev', '-type', 'd,f'];
  const change = ['-execdir', 'chattr', '-f', '-ia', '--', '{}', '+'];
  // File systems without attributes refuse it; whether it helped is seen by the removal.
  await runProgram('find', [...files, ...change], TIMEOUT_MS).catch(() => undefined);
}
