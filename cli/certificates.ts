import 'reflect-metadata';
import { createPrivateKey, randomBytes, type webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { ...ALGORITHM, hash: 'SHA-256' };
const DAY_MS = 86_400_000;
const CA_DAYS = 3650;
const LEAF_DAYS = 365;
/** A certificate that ends within this many days is made anew. */
const RENEW_DAYS = 30;
/** Valid from a little in the past, for machines whose clocks differ. */
const SKEW_MS = 5 * 60_000;

/** A certificate with its private key, both PEM (PKCS #8). */
export interface KeyPair {
  cert: string;
  key: string;
}

/** What a certificate is for. Kubernetes reads the user from the common name and the groups from the organizations. */
export interface Subject {
  commonName: string;
  organization?: string;
  /** Host names and IP addresses it serves under; none for a client. */
  names: string[];
  usages: ('server' | 'client')[];
}

/** A new certificate authority. */
export async function createCa(now: Date): Promise<KeyPair> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: [{ CN: ['durapod'] }],
    ...validity(now, CA_DAYS),
    keys,
    signingAlgorithm: SIGNING,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: pem(certificate), key: await exportKey(keys.privateKey) };
}

/** A certificate for `subject`, signed by `ca`. */
export async function issue(ca: KeyPair, subject: Subject, now: Date): Promise<KeyPair> {
  const issuer = new x509.X509Certificate(ca.cert);
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const usage = { server: x509.ExtendedKeyUsage.serverAuth, client: x509.ExtendedKeyUsage.clientAuth };
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension(subject.usages.map((name) => usage[name])),
    await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(issuer),
  ];
  if (subject.names.length > 0) {
    const names = subject.names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value }));
    extensions.push(new x509.SubjectAlternativeNameExtension(names));
  }
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    issuer: issuer.subjectName,
    subject: [...(subject.organization ? [{ O: [subject.organization] }] : []), { CN: [subject.commonName] }],
    ...validity(now, LEAF_DAYS),
    publicKey: keys.publicKey,
    signingKey: await importKey(ca.key),
    signingAlgorithm: SIGNING,
    extensions,
  });
  return { cert: pem(certificate), key: await exportKey(keys.privateKey) };
}

/** True while the pair fits together, is from `ca` (itself when absent), is not near its end and serves all `names`. */
export function isUsable(pair: KeyPair, ca: KeyPair | undefined, names: string[], now: Date): boolean {
  try {
    const certificate = new X509Certificate(pair.cert);
    const issuer = new X509Certificate((ca ?? pair).cert);
    return (
      certificate.checkPrivateKey(createPrivateKey(pair.key)) &&
      certificate.verify(issuer.publicKey) &&
      certificate.validToDate.getTime() - now.getTime() > RENEW_DAYS * DAY_MS &&
      names.every((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)))
    );
  } catch {
    // Half written or damaged: not usable.
    return false;
  }
}

function validity(now: Date, days: number) {
  return { notBefore: new Date(now.getTime() - SKEW_MS), notAfter: new Date(now.getTime() + days * DAY_MS) };
}

/** 126 random bits: positive and without a leading zero byte, as DER wants it. */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

function importKey(key: string): Promise<webcrypto.CryptoKey> {
  return crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(key), ALGORITHM, false, ['sign']);
}
