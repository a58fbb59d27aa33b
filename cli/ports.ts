import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { writeFileAtomic } from './files.ts';
import { codeOf, UserError } from './user-error.ts';

/** The API's port unless told otherwise. Not 6443, so that a cluster on the same machine keeps its own. */
export const DEFAULT_API_PORT = 7443;

/** Below the range the kernel takes ports for outgoing connections from (32768 and up), so a saved port stays free. */
const FREE_RANGE = { from: 20_000, to: 32_768 };
const ATTEMPTS = 200;

/** A port that something listens on. */
export interface PortRequest {
  /** What listens there; also the name it is saved under. */
  name: string;
  /** The option that sets it, for messages. */
  flag: string;
  /** Set by the user. */
  wanted?: number;
  /** Used the first time; any free port when absent. */
  fallback?: number;
  /** Clients know the saved port, so another one must not be taken silently when it is busy. */
  fixed?: boolean;
  /** A program of this home listens on the saved port already. */
  held?: boolean;
}

/** Parses a port. Throws UserError naming `source`. */
export function parsePort(text: string, source: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new UserError(`${source} must be a port between 1 and 65535, not "${text}"`);
}

/**
 * Chooses a port for each request: what the user wants, else what was saved, else the fallback, else a free one. The
 * choice is saved in `file`, so it stays over restarts. Throws UserError when a port that must be is busy.
 */
export async function choosePorts(
  file: string,
  requests: PortRequest[],
  host: string,
): Promise<Record<string, number>> {
  const saved = readSaved(file);
  const chosen: Record<string, number> = {};
  for (const request of requests) {
    chosen[request.name] = await choose(request, saved[request.name], host, Object.values(chosen));
  }
  writeFileAtomic(file, `${JSON.stringify({ ...saved, ...chosen }, undefined, 2)}\n`, 0o600);
  return chosen;
}

async function choose(request: PortRequest, saved: number | undefined, host: string, taken: number[]): Promise<number> {
  const wanted = request.wanted ?? saved ?? request.fallback;
  if (wanted !== undefined && !taken.includes(wanted)) {
    if (request.held && wanted === saved) return wanted;
    if (await isFree(wanted, host)) return wanted;
  }
  const must = request.wanted !== undefined || (request.fixed && wanted !== undefined);
  if (must) {
    throw new UserError(
      `port ${wanted} for ${request.name} is in use: choose another with ${request.flag}, or see who has it with \`ss -ltnp sport = :${wanted}\``,
    );
  }
  return freePort(host, taken);
}

/** A free port that is not in `taken`. */
export async function freePort(host: string, taken: number[] = []): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(FREE_RANGE.from, FREE_RANGE.to);
    if (!taken.includes(port) && (await isFree(port, host))) return port;
  }
  throw new UserError(`no free port between ${FREE_RANGE.from} and ${FREE_RANGE.to} on ${host}`);
}

/** True when one can listen there now. Throws UserError when this user, or the address, never can. */
export function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (codeOf(error) === 'EADDRINUSE') resolve(false);
      else if (codeOf(error) === 'EACCES') reject(new UserError(`port ${port} needs root: choose one above 1023`));
      else if (codeOf(error) === 'EADDRNOTAVAIL') reject(new UserError(`${host} is not an address of this machine`));
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The ports chosen before, by name; empty when none were. */
export function readSaved(file: string): Record<string, number> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return {};
    throw new UserError(`${file} cannot be read: remove it to choose ports anew`);
  }
}
