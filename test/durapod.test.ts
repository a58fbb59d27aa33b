/** What a test program leaves behind when it is killed. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { until } from './shell.ts';

const HARNESS = new URL('durapod.ts', import.meta.url).href;
const PROGRAM = `
const { Durapod } = await import('${HARNESS}');
const durapod = await Durapod.start(['--runtime', 'sim']);
console.log(durapod.home);
setInterval(() => {}, 1000);
`;

/** Programs with this on their command line. */
function programs(part: string): string[] {
  const commandLine = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return '';
    }
  };
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(part));
}

test.each(['SIGTERM', 'SIGKILL'] as const)('a test program ended by %s leaves no durapod', async (signal) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const home = await new Promise<string>((resolve) => child.stdout.once('data', (line) => resolve(`${line}`.trim())));
  expect(programs(home).length).toBeGreaterThan(1);
  child.kill(signal);
  await until('nothing to be left', () => (programs(home).length === 0 && !existsSync(home)) || undefined);
});
