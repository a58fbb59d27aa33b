/** `npm test`: fetches what the tests need, then runs them all; the summary is the last thing printed. */
import { spawn } from 'node:child_process';
import { CONTAINER_TOOLS, ensureTools } from '../cli/tools.ts';
import { ensureKubectl } from './kubectl.ts';

const fetched = ['temporal', 'temporal-test-server', 'kubernetes-schema'] as const;
await ensureTools([...CONTAINER_TOOLS, ...fetched, 'postgresql', 'curl', 'iproute2']);
const env = { ...process.env, PATH: `${process.env.PATH}:${await ensureKubectl()}` };
const vitest = spawn('vitest', ['run', ...process.argv.slice(2)], { stdio: 'inherit', env });
vitest.on('exit', (code) => process.exit(code ?? 1));
