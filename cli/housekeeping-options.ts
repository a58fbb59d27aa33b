/** The kubelet's flags for a node's housekeeping, with its defaults. */
import type { HousekeepingPolicy } from '../node/housekeeping/policy.ts';
import { parseThresholds, type Threshold } from '../node/pressure/thresholds.ts';
import { messageOf } from '../pod/message-of.ts';
import { isQuantity, parseQuantity, wholeValue } from '../pod/quantity.ts';
import { UserError } from './user-error.ts';

const MAX_PERIOD_MS = 86_400_000;

export const HOUSEKEEPING_DEFAULTS = {
  containerLogMaxSize: '10Mi',
  containerLogMaxFiles: '5',
  imageGcHighThreshold: '85',
  imageGcLowThreshold: '80',
  // Of a disk that is not for Pods alone, a tenth (the kubelet's default) is often used by others.
  evictionHard:
    'memory.available<100Mi,nodefs.available<5%,nodefs.inodesFree<5%,imagefs.available<5%,imagefs.inodesFree<5%',
  evictionPressureTransitionPeriod: '5m',
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
    evictionHard: parseEvictionHard(given.evictionHard),
    pressureTransitionMs: parsePeriod(given.evictionPressureTransitionPeriod, '--eviction-pressure-transition-period'),
  };
  if (settings.imageGcLowPercent > settings.imageGcHighPercent) {
    throw new UserError('--image-gc-low-threshold must not be above --image-gc-high-threshold');
  }
  return settings;
}

function parseEvictionHard(text: string): Threshold[] {
  try {
    return parseThresholds(text);
  } catch (error) {
    throw new UserError(`--eviction-hard: ${messageOf(error)}`);
  }
}

/** As `5m`, `1m30s`, `0s`; resolves to ms. */
function parsePeriod(text: string, flag: string): number {
  const [, hours = 0, minutes = 0, seconds = 0] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  if (text !== '' && /^[\dhms]+$/.test(text) && (ms > 0 || /^0/.test(text)) && ms <= MAX_PERIOD_MS) return ms;
  throw new UserError(`${flag} must be a time such as 5m or 30s, at most 24h, not "${text}"`);
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
