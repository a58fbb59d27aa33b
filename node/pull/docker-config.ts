/**
 * Secrets that hold credentials of image registries, as `docker login` writes them
 * (https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets). Nothing of what they hold is ever in
 * an error.
 */
import type { KubeObject } from '../../pod/types.ts';

/** Credentials, and what they are for: `host[:port][/path]`, each part of the host possibly a glob. */
export interface RegistryLogin {
  registry: string;
  username: string;
  password: string;
}

/** A Secret that cannot be read; the message names it and what is wrong. */
export class BadPullSecret extends Error {
  override readonly name = 'BadPullSecret';
}

const JSON_KEY = '.dockerconfigjson';
const LEGACY_KEY = '.dockercfg';

/** The logins of a Secret; none of one that is of another type or empty. Throws BadPullSecret. */
export function registryLogins(secret: KubeObject): RegistryLogin[] {
  const { type, metadata } = secret;
  const bad = (why: string): never => {
    throw new BadPullSecret(`image pull secret "${metadata.name}": ${why}`);
  };
  const key = type === 'kubernetes.io/dockerconfigjson' ? JSON_KEY : LEGACY_KEY;
  if (key === LEGACY_KEY && type !== 'kubernetes.io/dockercfg') return [];
  const encoded: string = secret.data?.[key] ?? '';
  if (encoded === '') return [];
  const config = parse(Buffer.from(encoded, 'base64').toString()) ?? bad(`${key} is not a JSON object`);
  const entries = key === JSON_KEY ? (config.auths ?? {}) : config;
  if (!isObject(entries)) return bad(`auths in ${key} is not an object`);
  return Object.entries(entries).map(([name, entry]) => {
    const login = isObject(entry) ? loginOf(entry) : undefined;
    if (!login) return bad(`the entry of ${name} in ${key} has no auth of the form base64(username:password)`);
    return { registry: registryOf(name), ...login };
  });
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // Its message quotes the text.
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `auth` goes before `username` and `password`. */
function loginOf({ username = '', password = '', auth }: Record<string, unknown>) {
  if (auth === undefined || auth === '') return { username: String(username), password: String(password) };
  const decoded = Buffer.from(String(auth), 'base64').toString();
  const colon = decoded.indexOf(':');
  return colon < 0 ? undefined : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** `https://index.docker.io/v1/` is the whole registry: versions of the API are no path. */
function registryOf(name: string): string {
  const [, host = '', path = ''] = /^(?:https?:\/\/)?([^/]*)(.*)$/.exec(name) ?? [];
  const effective = path.replace(/^\/v[12](?=\/)/, '');
  return effective === '/' ? host : host + effective;
}
