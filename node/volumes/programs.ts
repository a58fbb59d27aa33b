/** Programs of the host, for what Node itself cannot do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const PACKAGES = { mount: 'util-linux', umount: 'util-linux', rm: 'coreutils', find: 'findutils' } as const;
/** A program that fails at a million files says so of each. */
const MAX_TEXT = 1000;

/** Runs a program to its end. Throws the beginning of what it said when it fails, or has not ended in time. */
export async function runProgram(program: keyof typeof PACKAGES, args: string[], timeoutMs: number): Promise<void> {
  const env = { ...process.env, LC_ALL: 'C' };
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: timeoutMs, env });
  let said = '';
  child.stderr.on('data', (chunk) => {
    if (said.length < MAX_TEXT) said = `${said}${chunk}`.slice(0, MAX_TEXT);
  });
  const [code, signal] = await once(child, 'close').catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    throw new Error(`the program ${program} is missing; install ${PACKAGES[program]}`, { cause: error });
  });
  if (code === 0) return;
  const timedOut = signal === 'SIGTERM' && `no answer within ${timeoutMs / 1000} s`;
  throw new Error(`${program} failed: ${timedOut || said.trim() || `exit code ${code}`}`);
}
