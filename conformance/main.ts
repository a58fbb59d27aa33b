/** `npm run conformance -- [focus] [skip]`: Kubernetes' own specs, unmodified, against a durapod of their own. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { createSteps } from '../cli/steps.ts';
import { UserError } from '../cli/user-error.ts';
import { summary } from './report.ts';
import { runConformance, SKIP } from './run.ts';

/** Pods and their volumes: what a node does, by the names of Kubernetes' special interest groups. */
const VOLUMES = '(ConfigMap|Downward API|EmptyDir|HostPath|Projected|Secrets|Subpath)';
const FOCUS = String.raw`(\[sig-node\]|\[sig-storage\] ${VOLUMES}).*\[(NodeConformance|Conformance)\]`;

interface Options {
  procs: string;
  kubeconfig?: string;
}

async function main(focus: string, skip: string, { procs, kubeconfig }: Options): Promise<boolean> {
  const server = kubeconfig ? { kubeconfig: resolve(kubeconfig) } : {};
  const what = { focus, skip, processes: Number(procs), ...server };
  const { outcomes, results } = await runConformance(what, createSteps());
  console.log(summary(outcomes));
  console.log(`log and report: ${results}`);
  return outcomes.some(({ result }) => result === 'passed') && outcomes.every(({ result }) => result !== 'failed');
}

const program = new Command('conformance')
  .description("runs Kubernetes' own specs against a durapod of their own")
  .argument('[focus]', 'regular expression: which specs', FOCUS)
  .argument('[skip]', 'regular expression: which of those not', SKIP)
  .option('--procs <number>', 'how many at a time', '6')
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
