/** A run of Kubernetes' specs against a durapod of its own, or a server that is there. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { importImages } from '../cli/images.ts';
import type { Steps } from '../cli/steps.ts';
import { toolContext } from '../cli/tools/context.ts';
import { ensurePackages } from '../cli/tools/debian.ts';
import { Durapod } from '../test/durapod.ts';
import { PACKAGES, writeSpecImages } from './images.ts';
import type { Outcome } from './report.ts';
import { runSpecs } from './specs.ts';
import { conformanceHome, ensureProgram } from './upstream.ts';

export interface Conformance {
  /** Regular expressions on the specs' names. */
  focus: string;
  skip: string;
  processes: number;
  /** Of a server that has the images, instead of a durapod of its own. */
  kubeconfig?: string;
}

/** `[Serial]` and `[Disruptive]` want the machine for themselves, `[Slow]` half an hour. */
export const SKIP = String.raw`\[Serial\]|\[Disruptive\]|\[Slow\]`;

/** Builds what is missing, runs the specs, and resolves with what they came to and where their log is. */
export async function runConformance(what: Conformance, steps: Steps) {
  const home = conformanceHome();
  const ginkgo = await ensureProgram('ginkgo', home, steps);
  const specs = await ensureProgram('e2e.test', home, steps);
  const results = join(home, 'results', new Date().toISOString().replaceAll(':', '').slice(0, 17));
  const run = (kubeconfig: string, env: NodeJS.ProcessEnv): Promise<Outcome[]> =>
    steps.step(`specs, ${what.processes} at a time`, () =>
      runSpecs({ ...what, kubeconfig, env, results, programs: { ginkgo, specs } }),
    );
  const outcomes = what.kubeconfig
    ? await run(what.kubeconfig, process.env)
    : await withDurapod(await imagesOf(home, steps), steps, (durapod) => run(durapod.kubeconfig, durapod.env));
  return { outcomes, results };
}

async function imagesOf(home: string, steps: Steps): Promise<string> {
  const archive = join(home, 'images', 'specs.tar');
  if (existsSync(archive)) return archive;
  await mkdir(dirname(archive), { recursive: true });
  await ensurePackages(PACKAGES, toolContext(steps));
  await steps.step('images of the specs', () => writeSpecImages(archive, home, steps));
  return archive;
}

async function withDurapod<T>(images: string, steps: Steps, use: (durapod: Durapod) => Promise<T>): Promise<T> {
  const durapod = await steps.step('durapod', () => Durapod.start());
  try {
    await steps.step('importing images', () => importImages(join(durapod.home, 'run', 'containerd.sock'), images));
    return await use(durapod);
  } finally {
    await steps.step('stopping durapod', () => durapod.down());
  }
}
