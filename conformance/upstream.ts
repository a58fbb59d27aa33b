/** Kubernetes' own programs, unmodified, built from their published Go modules. */
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from '../cli/run-command.ts';
import type { Steps } from '../cli/steps.ts';
import { cacheDirectory } from '../cli/tools/context.ts';
import { UserError } from '../cli/user-error.ts';
import { KUBERNETES } from '../pod/kubernetes.ts';

/** The version of the modules that the release is made of. */
const STAGING = KUBERNETES.replace('v1.', 'v0.');
const BUILD_MS = 3_600_000;

/** Where what is built stays: `CONFORMANCE_HOME`, else beside durapod's own cache. */
export function conformanceHome(): string {
  return process.env.CONFORMANCE_HOME ?? join(dirname(cacheDirectory()), 'durapod-conformance');
}

/** Whether all is there that takes long to build. */
export function isBuilt(): boolean {
  return Object.keys(SOURCES).every((program) => existsSync(join(conformanceHome(), 'bin', program)));
}

export type Program = 'e2e.test' | 'ginkgo' | 'agnhost';
const SOURCES: Record<Program, string> = {
  'e2e.test': 'k8s.io/kubernetes/test/e2e',
  ginkgo: 'github.com/onsi/ginkgo/v2/ginkgo',
  agnhost: 'k8s.io/kubernetes/test/images/agnhost',
};

/** Builds the program in `home` where it is not there yet (10 to 40 minutes for the first). Resolves with its path. */
export async function ensureProgram(program: Program, home: string, steps: Steps): Promise<string> {
  const path = join(home, 'bin', program);
  if (existsSync(path)) return path;
  await mkdir(join(home, 'bin'), { recursive: true });
  await steps.step(`building ${program} ${KUBERNETES}`, async () => {
    const module = await ensureModule(home);
    const verb = program === 'e2e.test' ? ['test', '-c', '-vet=off'] : ['build'];
    const args = [...verb, '-p', '2', '-ldflags', linkerFlags(), '-o', `${path}.part`, SOURCES[program]];
    await go(['-C', module, ...args]);
    await rename(`${path}.part`, path);
  });
  return path;
}

/** Where Go keeps the source of a module. */
export async function moduleSource(module: string): Promise<string> {
  const { Dir } = JSON.parse(await go(['mod', 'download', '-json', module]));
  return Dir;
}

/** The main module replaces its parts by folders that are not published with it: a module around it names the published ones. */
async function ensureModule(home: string): Promise<string> {
  const directory = join(home, 'wrap');
  const manifest = join(directory, 'go.mod');
  if (existsSync(manifest)) return directory;
  const source = await moduleSource(`k8s.io/kubernetes@${KUBERNETES}`);
  await mkdir(directory, { recursive: true });
  const original = await readFile(join(source, 'go.mod'), 'utf8');
  const text = original
    .replace(/^module .*/m, 'module wrap')
    .replaceAll(/=> \.\/staging\/src\/(k8s\.io\/[a-z0-9-]+)/g, `=> $1 ${STAGING}`);
  await writeFile(join(directory, 'go.sum'), await readFile(join(source, 'go.sum')));
  await chmod(join(directory, 'go.sum'), 0o644);
  await writeFile(join(directory, 'main.go'), 'package main\n\nfunc main() {}\n');
  await writeFile(`${manifest}.part`, text);
  await rename(`${manifest}.part`, manifest);
  await go(['-C', directory, 'mod', 'edit', '-require', `k8s.io/kubernetes@${KUBERNETES}`]);
  return directory;
}

/** The binary compares its own version with the server's. */
function linkerFlags(): string {
  const [major, minor] = KUBERNETES.slice(1).split('.');
  const values = { gitVersion: KUBERNETES, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];
  const flags = packages.flatMap((of) => Object.entries(values).map(([name, value]) => `-X ${of}.${name}=${value}`));
  return ['-s', '-w', ...flags].join(' ');
}

function go(args: string[]): Promise<string> {
  if (!goProgram()) throw new UserError('Go 1.26 is needed to build the specs: install it (https://go.dev/dl)');
  const env = { ...process.env, GOFLAGS: '-mod=mod -trimpath -buildvcs=false', CGO_ENABLED: '0' };
  return runCommand(goProgram() as string, args, { env, timeoutMs: BUILD_MS });
}

function goProgram(): string | undefined {
  const directories = [...(process.env.PATH ?? '').split(':'), '/usr/local/go/bin'];
  return directories.map((directory) => join(directory, 'go')).find((path) => existsSync(path));
}
