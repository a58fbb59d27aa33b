/** What can be done to an object beyond changing it, by resource and path. */
import type { Handler } from '../scope.ts';
import { bind } from './binding.ts';
import { evict } from './eviction.ts';
import { createFile } from './files.ts';
import { restart } from './restart.ts';
import { requestToken } from './token.ts';

export const actions: Record<string, Record<string, Handler>> = {
  pods: { binding: bind, eviction: evict, files: createFile, restart },
  serviceaccounts: { token: requestToken },
};
