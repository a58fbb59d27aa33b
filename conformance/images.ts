/** The images that the specs name, made of programs of this machine: no registry is asked. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { directory, type Entry, file, type ImageSpec, imageArchive, link, tar } from '../cli/image-archive.ts';
import { busyboxLayer, PAUSE } from '../cli/images.ts';
import { runCommand } from '../cli/run-command.ts';
import type { Steps } from '../cli/steps.ts';
import { findProgram } from '../cli/tools/context.ts';
import { UserError } from '../cli/user-error.ts';
import { KUBERNETES } from '../pod/kubernetes.ts';
import { ensureProgram, moduleSource } from './upstream.ts';

const E2E = 'registry.k8s.io/e2e-test-images';
const TOOL_MS = 120_000;

/** What Debian packages the programs in the images come from. */
export const PACKAGES = [
  'busybox-static',
  'bash-static',
  'gcc',
  'libc6-dev',
  'curl',
  'bind9-dnsutils',
  'netcat-openbsd',
  'iproute2',
];

/** Writes one archive with all of them. `home` is where agnhost, Kubernetes' own test program, is kept. */
export async function writeSpecImages(path: string, home: string, steps: Steps): Promise<void> {
  const busybox = await busyboxLayer('/bin/busybox');
  await writeFile(
    path,
    await imageArchive([
      await busyboxImage(busybox),
      { tags: [`${E2E}/nonroot:1.4`, `${E2E}/nonroot:1.5`], layers: [busybox], config: { Cmd: ['sh'], User: '1234' } },
      { tags: pauses(), layers: [busybox], config: { Entrypoint: PAUSE, User: '65535:65535' } },
      await setUidImage(busybox),
      await agnhostImage(busybox, home, steps),
      await nginxImage(busybox),
      await dnsImage(busybox),
    ]),
  );
}

const pauses = () => ['3.10', '3.10.1', '3.10.2'].map((version) => `registry.k8s.io/pause:${version}`);

/** Debian's ash drops environment variables whose names are no identifiers (`data-1`), which specs look for: `sh` is bash. */
async function busyboxImage(busybox: Buffer): Promise<ImageSpec> {
  const shell = await tar([file('bin/sh', await readFile('/bin/bash-static'), 0o755)]);
  const tags = [`${E2E}/busybox:1.36.1-1`, `${E2E}/busybox:1.37.0-1`];
  return { tags, layers: [busybox, shell], config: { Cmd: ['sh'] } };
}

async function setUidImage(busybox: Buffer): Promise<ImageSpec> {
  const scratch = await mkdtemp(join(tmpdir(), 'set-uid-'));
  try {
    const program = join(scratch, 'nnp');
    const source = fileURLToPath(new URL('set-uid.c', import.meta.url));
    await runCommand('gcc', ['-O2', '-static', '-o', program, source], { timeoutMs: TOOL_MS });
    const layer = await tar([file('usr/local/bin/nnp', await readFile(program), 0o6755)]);
    const tags = [`${E2E}/nonewprivs:1.3`, `${E2E}/nonewprivs:1.4`];
    return { tags, layers: [busybox, layer], config: { Cmd: ['nnp'] } };
  } finally {
    await rm(scratch, { recursive: true });
  }
}

async function agnhostImage(busybox: Buffer, home: string, steps: Steps): Promise<ImageSpec> {
  const program = await ensureProgram('agnhost', home, steps);
  const porter = join(await moduleSource(`k8s.io/kubernetes@${KUBERNETES}`), 'test/images/agnhost/porter');
  const own = await tar([
    file('agnhost', await readFile(program), 0o755),
    link('agnhost-2', 'agnhost'),
    link('bin/bash', '../usr/local/bin/bash'),
    directory('uploads'),
    file('localhost.crt', await readFile(join(porter, 'localhost.crt'))),
    file('localhost.key', await readFile(join(porter, 'localhost.key'))),
    ...accounts(
      'user-defined-in-image:x:1000:1000::/home:/bin/sh\n',
      'group-defined-in-image:x:50000:user-defined-in-image\nuser-defined-in-image:x:1000:\n',
    ),
  ]);
  const tools = await tar(await programs(['curl', 'dig', 'nc', 'ss', 'ip', 'bash']));
  const tags = [`${E2E}/agnhost:2.55`, `${E2E}/agnhost:2.63.0`];
  return { tags, layers: [busybox, tools, own], config: { Entrypoint: ['/agnhost'], Cmd: ['pause'] } };
}

async function nginxImage(busybox: Buffer): Promise<ImageSpec> {
  const scratch = await mkdtemp(join(tmpdir(), 'nginx-'));
  try {
    await runCommand('sh', ['-c', `cd "$0" && apt-get download -qq nginx && dpkg -x nginx_*.deb root`, scratch], {
      timeoutMs: TOOL_MS,
    });
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const places = temporary.map((name) => `${name}_temp_path /tmp/${name};`).join('');
    const configuration = `error_log stderr; pid /tmp/nginx.pid; events {}\nhttp { access_log off; ${places}\nserver { listen 80; root /srv; } }\n`;
    const layer = await tar([
      ...(await withLibraries([{ from: join(scratch, 'root/usr/sbin/nginx'), to: 'usr/sbin/nginx' }])),
      ...['etc/nginx', 'var/log', 'var/log/nginx', 'var/lib', 'var/lib/nginx', 'srv'].map((name) => directory(name)),
      file('etc/nginx/nginx.conf', configuration),
      file('srv/index.html', '<h1>nginx</h1>\n'),
      ...accounts('www-data:x:33:33::/:/bin/false\n', 'www-data:x:33:\n'),
    ]);
    const tags = [`${E2E}/nginx:1.15-4`, `${E2E}/nginx:1.27-0`];
    return { tags, layers: [busybox, layer], config: { Cmd: ['nginx', '-g', 'daemon off;'] } };
  } finally {
    await rm(scratch, { recursive: true });
  }
}

async function dnsImage(busybox: Buffer): Promise<ImageSpec> {
  const hostname = findProgram('hostname', process.env) as string;
  const layer = await tar([
    ...(await programs(['getent', 'dig'])),
    ...(await withLibraries([{ from: hostname, to: 'usr/local/bin/hostname' }])),
  ]);
  return { tags: [`${E2E}/glibc-dns-testing:2.0.0`], layers: [busybox, layer], config: { Cmd: ['sh'] } };
}

function accounts(users: string, groups: string): Entry[] {
  return [
    file('etc/passwd', `root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n${users}`),
    file('etc/group', `root:x:0:\nnogroup:x:65534:\n${groups}`),
  ];
}

/** Programs of this machine, in front of busybox's on the PATH. */
function programs(names: string[]): Promise<Entry[]> {
  return withLibraries(
    names.map((name) => {
      const from = findProgram(name, process.env);
      if (!from) throw new UserError(`the images need ${name}: apt-get install ${PACKAGES.join(' ')}`);
      return { from, to: `usr/local/bin/${name}` };
    }),
  );
}

/** Dynamic programs with the libraries they ask for, and those by which the C library looks up names. */
async function withLibraries(list: { from: string; to: string }[]): Promise<Entry[]> {
  const libraries = new Set<string>();
  for (const { from } of list) {
    const out = await runCommand('ldd', [from], { timeoutMs: TOOL_MS });
    for (const [, path] of out.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)) libraries.add(path as string);
  }
  return [
    ...(await Promise.all(list.map(async ({ from, to }) => file(to, await readFile(from), 0o755)))),
    ...(await Promise.all([...libraries].sort().map(async (path) => file(path.slice(1), await readFile(path), 0o755)))),
    file('etc/nsswitch.conf', 'hosts: files dns\n'),
  ];
}
