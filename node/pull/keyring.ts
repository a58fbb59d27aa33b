/** Which credentials an image is pulled with: the kubelet's matching (pkg/credentialprovider). */
import type { ImageReference } from '../../pod/image-reference.ts';
import type { RegistryLogin } from './docker-config.ts';

const DOCKER_HUB = 'docker.io';
const DOCKER_HUB_KEY = 'index.docker.io';

/**
 * The logins to try for an image, in turn: those of the most specific registry first, within it in their order. A
 * registry matches by its host, part by part with globs, its port, and its path as a prefix; what is for Docker Hub under
 * its old name counts only when nothing else matches.
 */
export function loginsFor({ domain, path }: ImageReference, logins: RegistryLogin[]): RegistryLogin[] {
  const matching = logins.filter(({ registry }) => matches(registry, domain, `/${path}`));
  if (matching.length === 0 && domain === DOCKER_HUB)
    return logins.filter((login) => login.registry === DOCKER_HUB_KEY);
  return matching.sort((a, b) => compare(b.registry, a.registry));
}

/** By code units, as upstream sorts them: a longer path comes after its prefix. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function matches(registry: string, domain: string, path: string): boolean {
  const slash = registry.indexOf('/');
  const glob = splitPort(slash < 0 ? registry : registry.slice(0, slash));
  const target = splitPort(domain);
  const prefix = slash < 0 ? '' : registry.slice(slash);
  return (
    glob.port === target.port &&
    glob.parts.length === target.parts.length &&
    path.startsWith(prefix) &&
    glob.parts.every((part, index) => globMatches(part, target.parts[index] ?? ''))
  );
}

function splitPort(host: string): { parts: string[]; port: string } {
  const [, name = host, port = ''] = /^(.*):(\d+)$/.exec(host) ?? [];
  return { parts: name.split('.'), port };
}

/** `*`, `?` and `[a-z]`, as in a shell. In linear time: whoever makes a Pod writes the globs. */
function globMatches(glob: string, text: string): boolean {
  let reached = new Set([0]);
  for (const token of glob.match(/\[[^\]]+\]|./g) ?? []) {
    const from = Math.min(...reached);
    reached =
      token === '*'
        ? new Set(Array.from({ length: text.length + 1 - from }, (_, index) => from + index))
        : new Set(
            [...reached].filter((at) => at < text.length && oneMatches(token, text[at] ?? '')).map((at) => at + 1),
          );
    if (reached.size === 0) return false;
  }
  return reached.has(text.length);
}

function oneMatches(token: string, character: string): boolean {
  if (token.length === 1) return token === '?' || token === character;
  try {
    return new RegExp(token).test(character);
  } catch {
    // A range that runs backwards.
    return false;
  }
}
