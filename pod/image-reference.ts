/**
 * References to images, by the grammar of the distribution project
 * (https://pkg.go.dev/github.com/distribution/reference) and with its defaults: `busybox` is
 * `docker.io/library/busybox:latest`.
 */

export interface ImageReference {
  /** Registry host, with its port if it has one. */
  domain: string;
  path: string;
  /** `latest` when the reference had neither tag nor digest. */
  tag?: string;
  digest?: string;
}

/** Thrown for what is no reference; the message says why, for `InvalidImageName`. */
export class InvalidReference extends Error {
  override readonly name = 'InvalidReference';
}

const DOMAIN_COMPONENT = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const DOMAIN = new RegExp(`^(?:${DOMAIN_COMPONENT}(?:\\.${DOMAIN_COMPONENT})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?$`);
const PATH_COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const PATH = new RegExp(`^${PATH_COMPONENT}(?:/${PATH_COMPONENT})*$`);
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const MAX_NAME_LENGTH = 255;

/** True for an image's id: what a runtime calls the image by itself (`sha256:` and 64 hex digits, or those alone). */
export function isImageId(image: string): boolean {
  return /^(?:sha256:)?[0-9a-f]{64}$/.test(image);
}

/** Parses a reference and fills in the defaults. Throws InvalidReference. */
export function parseImageReference(image: string): ImageReference {
  const fail = (why: string): never => {
    throw new InvalidReference(`couldn't parse image name ${JSON.stringify(image)}: ${why}`);
  };
  if (image === '') fail('it is empty');
  if (/^[0-9a-f]{64}$/.test(image)) fail('64 hex digits are an id, not a name');

  const at = image.indexOf('@');
  const digest = at < 0 ? undefined : image.slice(at + 1);
  const named = at < 0 ? image : image.slice(0, at);
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  const tag = tagged ? named.slice(colon + 1) : undefined;
  const { domain, path } = splitDomain(tagged ? named.slice(0, colon) : named);

  if (digest !== undefined && !DIGEST.test(digest)) fail(`invalid digest ${JSON.stringify(digest)}`);
  if (/^sha256:/.test(digest ?? '') && digest?.length !== 'sha256:'.length + 64) fail('a sha256 digest has 64 digits');
  if (tag !== undefined && !TAG.test(tag)) fail(`invalid tag ${JSON.stringify(tag)}`);
  if (!DOMAIN.test(domain)) fail(`invalid registry ${JSON.stringify(domain)}`);
  if (/[A-Z]/.test(path)) fail('the repository name must be lowercase');
  if (!PATH.test(path)) fail('invalid reference format');
  if (domain.length + 1 + path.length > MAX_NAME_LENGTH) fail(`the name is longer than ${MAX_NAME_LENGTH} characters`);

  const reference: ImageReference = { domain, path };
  if (tag !== undefined) reference.tag = tag;
  else if (digest === undefined) reference.tag = 'latest';
  if (digest !== undefined) reference.digest = digest;
  return reference;
}

/** The full name of an image, as containerd stores it: `docker.io/library/busybox:latest`. Throws InvalidReference. */
export function normaliseImage(image: string): string {
  const { domain, path, tag, digest } = parseImageReference(image);
  return `${domain}/${path}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** The first component is a registry only if it looks like a host: with a dot, a port or a capital, or `localhost`. */
function splitDomain(name: string): { domain: string; path: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const isHost = slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const domain = isHost ? first.replace(/^index\.docker\.io$/, 'docker.io') : 'docker.io';
  const path = isHost ? name.slice(slash + 1) : name;
  return { domain, path: domain === 'docker.io' && !path.includes('/') ? `library/${path}` : path };
}
