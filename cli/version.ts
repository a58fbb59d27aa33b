import manifest from '../package.json' with { type: 'json' };

/** durapod's own version. */
export const VERSION: string = manifest.version;
