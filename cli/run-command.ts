import { spawn } from 'node:child_process';

const MAX_OUTPUT = 64 * 1024;

export interface RunOptions {
  timeoutMs: number;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
}

/** A command that failed: the message has the command line, how it ended and the last lines it wrote. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** Runs a command without a shell and resolves with its stdout (the last 64 KiB). Rejects with CommandFailed. */
export function runCommand(command: string, args: string[], options: RunOptions): Promise<string> {
  const { timeoutMs, env = process.env, signal } = options;
  return new Promise((resolve, reject) => {
    const fail = (how: string, output: string) => {
      const lines = output.split('\n').filter((line) => line.trim());
      const more = lines.slice(-3).map((line) => `\n  ${line.trim().slice(0, 300)}`);
      reject(new CommandFailed(`\`${[command, ...args].join(' ')}\` ${how}${more.join('')}`));
    };
    const timeout = AbortSignal.timeout(timeoutMs);
    const child = spawn(command, args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      killSignal: 'SIGKILL',
    });
    let out = '';
    let all = '';
    child.stdout.on('data', (chunk) => {
      out = (out + chunk).slice(-MAX_OUTPUT);
      all = (all + chunk).slice(-MAX_OUTPUT);
    });
    child.stderr.on('data', (chunk) => {
      all = (all + chunk).slice(-MAX_OUTPUT);
    });
    child.once('error', (error) => {
      if (timeout.aborted) fail(`took longer than ${Math.round(timeoutMs / 1000)} s`, all);
      else if (signal?.aborted) reject(signal.reason);
      else fail(`cannot be started: ${error.message}`, all);
    });
    child.once('close', (code, by) => {
      if (code === 0) resolve(out);
      else fail(`ended with ${by ?? `code ${code}`}`, all);
    });
  });
}
