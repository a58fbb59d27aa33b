import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type FileLock, lockOwner, tryLock } from './file-lock.ts';
import { makePrivateDirectory, writeFileAtomic } from './files.ts';
import { codeOf, UserError } from './user-error.ts';

/** A socket's path has 108 bytes with its closing zero (Linux, unix(7)). */
const MAX_SOCKET_PATH = 107;
/** The longest name of a socket of ours, with what programs append to it (`.ttrpc`). */
const MAX_SOCKET_NAME = 24;
/** Marks a directory as ours, so that removing the state never removes anything else. */
const MARKER = 'durapod-home';
const LAYOUT = '1';

/** Where everything of one durapod is. All paths are absolute. */
export interface Home {
  root: string;
  /** Keys, certificates and tokens. */
  pki: string;
  /** Records of processes and sockets; a short path to `<root>/run` (see `open`). */
  run: string;
  /** Logs of durapod and of the programs it starts. */
  log: string;
  /** What the node keeps of its Pods: volumes, logs, files. */
  node: string;
  /** The private containerd's root, state, configuration and CNI files. */
  containerd: string;
  /** Image archives made here. */
  images: string;
  store: string;
  temporal: string;
  kubeconfig: string;
  ports: string;
  /** How durapod was last started here. */
  settings: string;
  lock: string;
}

type Environment = Record<string, string | undefined>;

/** The state directory: `--home`, `DURAPOD_HOME`, or where XDG puts state. */
export function homeDirectory(flag: string | undefined, env: Environment = process.env): string {
  if (flag || env.DURAPOD_HOME) return resolve(flag || env.DURAPOD_HOME || '');
  // The XDG specification says that a relative path counts as unset.
  const state = env.XDG_STATE_HOME?.startsWith('/') ? env.XDG_STATE_HOME : join(homedir(), '.local', 'state');
  return join(state, 'durapod');
}

/** The paths of a home; touches nothing. */
export function homeAt(root: string, run = join(root, 'run')): Home {
  return {
    root,
    pki: join(root, 'pki'),
    run,
    log: join(root, 'log'),
    node: join(root, 'node'),
    containerd: join(root, 'containerd'),
    images: join(root, 'images'),
    store: join(root, 'store.db'),
    temporal: join(root, 'temporal.db'),
    kubeconfig: join(root, 'kubeconfig'),
    ports: join(root, 'ports.json'),
    settings: join(root, 'settings.json'),
    lock: join(root, 'lock'),
  };
}

/** True when `root` is a state directory of durapod. Throws UserError when its layout is one this version cannot read. */
export function isHome(root: string): boolean {
  try {
    const layout = readFileSync(join(root, MARKER), 'utf8').trim();
    if (layout === LAYOUT) return true;
    throw new UserError(`${root} has layout ${layout}, this durapod knows ${LAYOUT}: use the durapod that made it`);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/** Creates what is missing of a home, for its owner only. Throws UserError when `root` is a directory of something else. */
export function openHome(root: string): Home {
  try {
    if (!isHome(root)) {
      if (existsSync(root) && readdirSync(root).length > 0) {
        throw new UserError(`${root} is not empty and not a state directory of durapod: choose another with --home`);
      }
      makePrivateDirectory(root);
      writeFileAtomic(join(root, MARKER), `${LAYOUT}\n`, 0o600);
    }
    const home = homeAt(root, shortRun(root));
    for (const path of [home.pki, join(root, 'run'), home.log, home.node, home.containerd, home.images]) {
      makePrivateDirectory(path);
    }
    return home;
  } catch (error) {
    if (codeOf(error) === 'EACCES' || codeOf(error) === 'EROFS' || codeOf(error) === 'ENOTDIR') {
      throw new UserError(`cannot use ${root} as the state directory (${codeOf(error)}): choose another with --home`);
    }
    throw error;
  }
}

/** `<root>/run`, or a short symlink to it when a socket's path would be too long. */
function shortRun(root: string): string {
  const run = join(root, 'run');
  if (fits(run)) return run;
  const link = runLink(root);
  if (!fits(link)) throw new UserError(`${root} is too long for a socket's path: choose a shorter --home`);
  mkdirSync(dirname(link), { recursive: true });
  // A link that somebody else owns could lead our sockets into their directory.
  const stat = lstatSync(link, { throwIfNoEntry: false });
  if (stat && (!stat.isSymbolicLink() || stat.uid !== process.getuid?.())) {
    throw new UserError(`${link} belongs to someone else: remove it, or choose a shorter --home`);
  }
  if (stat && readlinkSync(link) === run) return link;
  rmSync(link, { force: true });
  symlinkSync(run, link);
  return link;
}

function fits(directory: string): boolean {
  return Buffer.byteLength(directory) + 1 + MAX_SOCKET_NAME <= MAX_SOCKET_PATH;
}

/** Where the short symlink of a long home stands. */
function runLink(root: string): string {
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const uid = process.getuid?.() ?? 0;
  return uid === 0 && existsSync('/run') ? `/run/durapod/${hash}` : join(tmpdir(), `durapod-${uid}-${hash}`);
}

/** Takes the home for this process. Throws UserError, naming the process that has it. */
export function lockHome(home: Home): FileLock {
  const lock = tryLock(home.lock);
  if (lock) return lock;
  const owner = lockOwner(home.lock);
  throw new UserError(
    `durapod already runs on ${home.root} (process ${owner ?? 'unknown'}): stop it with Ctrl-C or \`kill ${owner ?? 'PID'}\`, or choose another --home`,
  );
}

/** Removes a home with all in it. Nothing may be mounted below. Throws UserError when it is not one. */
export function removeHome(home: Home): void {
  if (!isHome(home.root)) throw new UserError(`${home.root} is not a state directory of durapod: nothing removed`);
  const link = runLink(home.root);
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(link);
  // The marker goes last: what an interrupted removal leaves can still be removed.
  for (const name of readdirSync(home.root)) {
    if (name !== MARKER) rmSync(join(home.root, name), { recursive: true, force: true });
  }
  rmSync(home.root, { recursive: true, force: true });
}
