/** The kubelet's flags for a node's housekeeping, with its defaults. */
import type { HousekeepingPolicy } from '../node/housekeeping/policy.ts';
import { isQuantity, parseQuantity, wholeValue } from '../pod/quantity.ts';
import { UserError } from './user-error.ts';

export const HOUSEKEEPING_DEFAULTS = {
  containerLogMaxSize: '10Mi',
  containerLogMaxFiles: '5',
  imageGcHighThreshold: '85',
  imageGcLowThreshold: '80',
};

export type HousekeepingOptions = Partial<typeof HOUSEKEEPING_DEFAULTS>;
export type HousekeepingSettings = Omit<HousekeepingPolicy, 'keepImages'>;

/** Checks the options. Throws UserError naming the option. */
export function parseHousekeeping(options: HousekeepingOptions): HousekeepingSettings {
  const given = { ...HOUSEKEEPING_DEFAULTS, ...options };
  const settings = {
    containerLogMaxBytes: parseBytes(given.containerLogMaxSize, '--container-log-max-size'),
    containerLogMaxFiles: parseWhole(given.containerLogMaxFiles, '--container-log-max-files', 2, 1000),
    imageGcHighPercent: parseWhole(given.imageGcHighThreshold, '--image-gc-high-threshold', 0, 100),
    imageGcLowPercent: parseWhole(given.imageGcLowThreshold, '--image-gc-low-threshold', 0, 100),
  };
  if (settings.imageGcLowPercent > settings.imageGcHighPercent) {
    throw new UserError('--image-gc-low-threshold must not be above --image-gc-high-threshold');
  }
  return settings;
}

function parseBytes(text: string, flag: string): number {
  const bytes = isQuantity(text) ? Number(wholeValue(parseQuantity(text))) : 0;
  if (bytes > 0) return bytes;
  throw new UserError(`${flag} must be a size such as 10Mi, not "${text}"`);
}

function parseWhole(text: string, flag: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UserError(`${flag} must be a whole number from ${least} to ${most}, not "${text}"`);
}
