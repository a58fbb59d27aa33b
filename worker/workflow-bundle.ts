/** The workflows' code as Temporal takes it. Making it takes seconds of every start, so it is kept by what it is made of. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleOption } from '@temporalio/worker';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
export const WORKFLOWS_PATH = join(PROJECT, 'workflows', 'index.ts');

/** What goes into a bundle: our code, and the versions of the packages. */
const SOURCES = ['workflows', 'pod', 'package-lock.json'];
const KEEP_UNUSED_MS = 7 * 86_400_000;

/** The bundle from the directory `cache`, or a new one, kept there. A cache that cannot be used only costs time. */
export async function workflowBundle(cache: string): Promise<WorkflowBundleOption> {
  const path = join(cache, `workflows-${await fingerprint()}.js`);
  const kept = await readFile(path, 'utf8').catch(() => undefined);
  if (kept) return { code: kept };
  const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS_PATH, logger: new DefaultLogger('WARN') });
  await keep(cache, path, code).catch(() => undefined);
  return { code };
}

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    const path = join(PROJECT, source);
    const files = (await stat(path)).isDirectory() ? await readdir(path, { recursive: true }) : [''];
    for (const file of files.filter((name) => !name.endsWith('.test.ts')).sort()) {
      const text = await readFile(join(path, file), 'utf8').catch(() => '');
      hash.update(`${source}/${file}\0${text}\0`);
    }
  }
  return hash.digest('hex').slice(0, 32);
}

async function keep(cache: string, path: string, code: string): Promise<void> {
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, code, { mode: 0o600 });
  await rename(unfinished, path);
  for (const name of await readdir(cache)) {
    const other = join(cache, name);
    if (!name.startsWith('workflows-') || other === path) continue;
    if (Date.now() - (await stat(other)).mtimeMs > KEEP_UNUSED_MS) await rm(other, { force: true });
  }
}
