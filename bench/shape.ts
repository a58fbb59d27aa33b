/** What both sides run: two init containers that end at once, and a main container that sleeps. */

export const IMAGE = 'busybox:v1';

export const INITS = [
  { name: 'init-1', command: ['true'] },
  { name: 'init-2', command: ['true'] },
];

/** A first process has no default for SIGTERM: without the trap its end would take the whole grace period. */
export const MAIN = { name: 'main', command: ['sh', '-c', 'trap "exit 0" TERM; sleep 3600 & wait'] };
