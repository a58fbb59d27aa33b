import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createCa, issue, isUsable, type KeyPair, type Subject } from './certificates.ts';
import { writeFileAtomic } from './files.ts';
import { codeOf } from './user-error.ts';

/** Names the API server is reached under, whatever the machine is called. */
const API_NAMES = ['localhost', '127.0.0.1', '::1', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/** All keys, certificates and tokens of one durapod. */
export interface Pki {
  ca: KeyPair;
  /** The API server's. */
  server: KeyPair;
  /** The streaming endpoint's of the node on this machine; also its client certificate. */
  node: KeyPair;
  /** The client certificate in the kubeconfig. */
  admin: KeyPair;
  /** Bearer tokens: a person's, and what nodes and the control side show each other. */
  tokens: { admin: string; node: string };
  /** The private key (PEM, P-256) that tokens of service accounts are signed with. */
  serviceAccounts: string;
}

export interface PkiOptions {
  /** Further names and addresses of the API server. */
  apiNames?: string[];
  /** Further addresses of the node on this machine. */
  nodeAddresses?: string[];
  /** The node on this machine; its host name when absent. */
  nodeName?: string;
  now?: Date;
}

/**
 * The keys of a home's `directory`: read, and made where they are missing, damaged, near their end or without a name
 * that is wanted now. Files have mode 0600.
 */
export async function openPki(directory: string, options: PkiOptions = {}): Promise<Pki> {
  const now = options.now ?? new Date();
  const nodeName = options.nodeName ?? hostname();
  const ca = await keep(directory, 'ca', undefined, [], now, () => createCa(now));
  const leaf = (name: string, subject: Subject) =>
    keep(directory, name, ca, subject.names, now, () => issue(ca, subject, now));
  return {
    ca,
    server: await leaf('server', {
      commonName: 'durapod-api',
      names: [...new Set([...API_NAMES, ...(options.apiNames ?? [])])],
      usages: ['server'],
    }),
    node: await leaf('node', nodeSubject(nodeName, options.nodeAddresses ?? [])),
    admin: await leaf('admin', { commonName: 'admin', organization: 'system:masters', names: [], usages: ['client'] }),
    tokens: { admin: token(directory, 'admin'), node: token(directory, 'node') },
    serviceAccounts: signingKey(directory),
  };
}

/** A certificate for a node on another machine, reached under `addresses`. */
export function issueNode(pki: Pki, name: string, addresses: string[], now = new Date()): Promise<KeyPair> {
  return issue(pki.ca, nodeSubject(name, addresses), now);
}

/** User and group of a node, as Kubernetes names them (its node authorization). */
function nodeSubject(name: string, addresses: string[]): Subject {
  return {
    commonName: `system:node:${name}`,
    organization: 'system:nodes',
    names: [...new Set([...LOOPBACK, name, ...addresses])],
    usages: ['server', 'client'],
  };
}

async function keep(
  directory: string,
  name: string,
  ca: KeyPair | undefined,
  names: string[],
  now: Date,
  make: () => Promise<KeyPair>,
): Promise<KeyPair> {
  const files = { cert: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) };
  const stored = { cert: read(files.cert), key: read(files.key) };
  if (isUsable(stored, ca, names, now)) return stored;
  const made = await make();
  writeFileAtomic(files.key, made.key, 0o600);
  writeFileAtomic(files.cert, made.cert, 0o600);
  return made;
}

/** 256 random bits, made once. */
function token(directory: string, name: string): string {
  const file = join(directory, `${name}.token`);
  const stored = read(file).trim();
  if (stored) return stored;
  const made = randomBytes(32).toString('base64url');
  writeFileAtomic(file, `${made}\n`, 0o600);
  return made;
}

/** Made once: when it is lost, the tokens it signed are void. */
function signingKey(directory: string): string {
  const file = join(directory, 'service-accounts.key');
  const stored = read(file);
  if (stored) return stored;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const made = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  writeFileAtomic(file, made, 0o600);
  return made;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}
