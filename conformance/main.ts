/** `npm run conformance -- [focus] [skip]`: Kubernetes' own specs, unmodified, against a durapod of their own. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { importImages } from '../cli/images.ts';
import { createSteps } from '../cli/steps.ts';
import { cacheDirectory, toolContext } from '../cli/tools/context.ts';
import { ensurePackages } from '../cli/tools/debian.ts';
import { UserError } from '../cli/user-error.ts';
import { Durapod } from '../test/durapod.ts';
import { PACKAGES, writeSpecImages } from './images.ts';
import { summary } from './report.ts';
import { runSpecs } from './specs.ts';
import { ensureProgram } from './upstream.ts';

/** Pods and their volumes: what a node does, by the names of Kubernetes' special interest groups. */
const VOLUMES = '(ConfigMap|Downward API|EmptyDir|HostPath|Projected|Secrets|Subpath)';
const FOCUS = String.raw`(\[sig-node\]|\[sig-storage\] ${VOLUMES}).*\[(NodeConformance|Conformance)\]`;
const SKIP = String.raw`\[Serial\]|\[Disruptive\]|\[Slow\]`;

interface Options {
  procs: string;
  kubeconfig?: string;
}

const steps = createSteps();

async function main(focus: string, skip: string, options: Options): Promise<boolean> {
  const home = process.env.CONFORMANCE_HOME ?? join(dirname(cacheDirectory()), 'durapod-conformance');
  const ginkgo = await ensureProgram('ginkgo', home, steps);
  const specs = await ensureProgram('e2e.test', home, steps);
  const results = join(home, 'results', new Date().toISOString().replaceAll(':', '').slice(0, 17));
  const run = (kubeconfig: string, env: NodeJS.ProcessEnv) =>
    steps.step(`specs, ${options.procs} at a time`, () =>
      runSpecs({
        kubeconfig,
        env,
        focus,
        skip,
        processes: Number(options.procs),
        results,
        programs: { ginkgo, specs },
      }),
    );
  const outcomes = options.kubeconfig
    ? await run(resolve(options.kubeconfig), process.env)
    : await withDurapod(await imagesOf(home), (durapod) => run(durapod.kubeconfig, durapod.env));
  console.log(summary(outcomes));
  console.log(`log and report: ${results}`);
  return outcomes.some(({ result }) => result === 'passed') && outcomes.every(({ result }) => result !== 'failed');
}

async function imagesOf(home: string): Promise<string> {
  const archive = join(home, 'images', 'specs.tar');
  if (existsSync(archive)) return archive;
  await mkdir(dirname(archive), { recursive: true });
  await ensurePackages(PACKAGES, toolContext(steps));
  await steps.step('images of the specs', () => writeSpecImages(archive, home, steps));
  return archive;
}

async function withDurapod<T>(images: string, use: (durapod: Durapod) => Promise<T>): Promise<T> {
  const durapod = await steps.step('durapod', () => Durapod.start(['--image-gc-high-threshold', '100']));
  try {
    await steps.step('importing images', () => importImages(join(durapod.home, 'run', 'containerd.sock'), images));
    return await use(durapod);
  } finally {
    await steps.step('stopping durapod', () => durapod.down());
  }
}

const program = new Command('conformance')
  .description("runs Kubernetes' own specs against a durapod of their own")
  .argument('[focus]', 'regular expression: which specs', FOCUS)
  .argument('[skip]', 'regular expression: which of those not', SKIP)
  .option('--procs <number>', 'how many at a time', '4')
  .option('--kubeconfig <file>', 'run against this server, which has the images, instead')
  .action(async (focus: string, skip: string, options: Options) => {
    if (!(await main(focus, skip, options))) process.exitCode = 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(`conformance: ${error.message}`);
  process.exitCode = 1;
}
