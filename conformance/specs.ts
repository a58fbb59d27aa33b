/** Running the specs: upstream's runner and binary, against the API of a kubeconfig. */
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from '../cli/tools/context.ts';
import { UserError } from '../cli/user-error.ts';
import { type Outcome, outcomes } from './report.ts';

export interface RunOptions {
  kubeconfig: string;
  /** Regular expressions on the specs' names. */
  focus: string;
  skip: string;
  processes: number;
  programs: { ginkgo: string; specs: string };
  /** A new directory for the report and the log. */
  results: string;
  env: NodeJS.ProcessEnv;
}

/** Runs the specs. Resolves with their outcomes; throws UserError when there is no report. */
export async function runSpecs(options: RunOptions): Promise<Outcome[]> {
  const { kubeconfig, focus, skip, processes, programs, results, env } = options;
  const kubectl = findProgram('kubectl', process.env);
  if (!kubectl) throw new UserError('some specs run kubectl: install it');
  await mkdir(results, { recursive: true });
  const runner = [`--procs=${processes}`, '--no-color', '-v', '--timeout=3h', `--focus=${focus}`, `--skip=${skip}`];
  const report = ['--json-report=report.json', `--output-dir=${results}`];
  const suite = [`--kubeconfig=${kubeconfig}`, `--kubectl-path=${kubectl}`, '--provider=local', '--disable-log-dump'];
  // The server takes both, but answers in JSON: one format makes a failure readable.
  const format = ['--kube-api-content-type=application/json'];
  const log = join(results, 'out.log');
  await runProgram(programs.ginkgo, [...runner, ...report, programs.specs, '--', ...suite, ...format], log, env);
  const text = await readFile(join(results, 'report.json'), 'utf8').catch(() => {
    throw new UserError(`the specs did not run: see ${log}`);
  });
  return outcomes(JSON.parse(text));
}

/** Its exit code says only what the report says, too. A signal to end goes to it, so that it comes to its own end. */
function runProgram(command: string, args: string[], log: string, env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const out = createWriteStream(log);
    child.stdout.pipe(out, { end: false });
    child.stderr.pipe(out, { end: false });
    const pass = (signal: NodeJS.Signals) => void child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, pass);
    child.once('error', reject);
    child.once('close', () => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, pass);
      out.end(resolve);
    });
  });
}
