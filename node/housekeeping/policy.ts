import type { Threshold } from '../pressure/thresholds.ts';

/** What a node's housekeeping goes by: the kubelet's settings of the same names. */
export interface HousekeepingPolicy {
  /** A running container's log is rotated once it has so many bytes (containerLogMaxSize). */
  containerLogMaxBytes: number;
  /** Files of one log, the current one included; at least 2 (containerLogMaxFiles). */
  containerLogMaxFiles: number;
  /** Images are removed when so much of their disk is used; 100 turns it off (imageGCHighThresholdPercent). */
  imageGcHighPercent: number;
  /** … until only so much is (imageGCLowThresholdPercent). */
  imageGcLowPercent: number;
  /** Below these the node says that it is under pressure, and Pods are evicted (evictionHard). */
  evictionHard: Threshold[];
  /** So long after its last shortage the node still says that it is under pressure (evictionPressureTransitionPeriod). */
  pressureTransitionMs: number;
  /** Names of images that stay, because nothing would bring them back. */
  keepImages: string[];
}
