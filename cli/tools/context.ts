import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { quiet, type Steps } from '../steps.ts';

/** Where tools are looked for and kept, and how this machine is used. */
export interface ToolContext {
  /** Fetched tools: `DURAPOD_CACHE`, or where XDG puts caches. */
  cache: string;
  env: NodeJS.ProcessEnv;
  root: boolean;
  /** Before the second try of what failed; longer before each further one. */
  retryMs: number;
  steps: Steps;
}

/** The context of this process. */
export function toolContext(steps: Steps = quiet, env: NodeJS.ProcessEnv = process.env): ToolContext {
  return { cache: cacheDirectory(env), env, root: process.getuid?.() === 0, retryMs: 2000, steps };
}

/** Fetched tools are kept here, shared by all homes. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env.DURAPOD_CACHE) return resolve(env.DURAPOD_CACHE);
  const cache = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(homedir(), '.cache');
  return join(cache, 'durapod');
}

/** A program on PATH, or where Debian keeps system programs (which is not on every user's PATH). */
export function findProgram(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const directories = [...(env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'].filter(Boolean);
  return directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
}
