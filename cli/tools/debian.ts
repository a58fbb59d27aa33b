import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../pod/message-of.ts';
import { runCommand } from '../run-command.ts';
import { UserError } from '../user-error.ts';
import { findProgram, type ToolContext } from './context.ts';

const ATTEMPTS = 3;
const UPDATE_MS = 180_000;
const INSTALL_MS = 600_000;
/** Another apt (unattended upgrades) may hold dpkg's lock for a while. */
const DPKG_LOCK_S = 120;

/** Installs Debian packages. Throws UserError with the command to type where it may not. */
export async function ensurePackages(packages: string[], context: ToolContext): Promise<void> {
  const { env, root, retryMs, steps } = context;
  const list = packages.join(' ');
  const apt = findProgram('apt-get', env);
  if (!apt) throw new UserError(`${list} must be installed: use this system's package manager (there is no apt-get)`);
  if (!root) throw new UserError(`${list} must be installed: \`sudo apt-get install ${list}\``);
  await steps.step(`installing ${list}`, async () => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await install(apt, packages, env);
      } catch (error) {
        if (attempt === ATTEMPTS) {
          throw new UserError(
            `cannot install ${list} (tried ${ATTEMPTS} times): ${messageOf(error)}\nRun \`apt-get update && apt-get install ${list}\` to see more`,
          );
        }
        await sleep(retryMs * attempt);
      }
    }
  });
}

async function install(apt: string, packages: string[], env: NodeJS.ProcessEnv): Promise<void> {
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } };
  const wait = ['-o', `DPkg::Lock::Timeout=${DPKG_LOCK_S}`];
  await runCommand(apt, ['-qq', ...wait, 'update'], { ...options, timeoutMs: UPDATE_MS });
  const args = ['-qq', ...wait, 'install', '-y', '--no-install-recommends', ...packages];
  await runCommand(apt, args, { ...options, timeoutMs: INSTALL_MS });
}
