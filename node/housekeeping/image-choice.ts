/**
 * Which images go when their disk is full: those that no container uses, the longest unused first.
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/#container-image-garbage-collection
 */
import type { Image, ImageFileSystem, RuntimeContainer } from '../../runtime/port.ts';
import type { HousekeepingPolicy } from './policy.ts';

/** What is remembered of an image, from one look to the next. Times are ms since the epoch. */
export interface ImageRecord {
  image: Image;
  firstSeen: number;
  /** When a container was last seen to use it; 0 for never. */
  lastUsed: number;
}

/** It may have been pulled just now, for a container that is about to be made. */
const MIN_AGE_MS = 120_000;

type Thresholds = Pick<HousekeepingPolicy, 'imageGcHighPercent' | 'imageGcLowPercent'>;

/** In whole percent, as thresholds are compared with. */
export function usedPercent({ capacityBytes, availableBytes }: ImageFileSystem): number {
  return 100 - Math.floor((Math.min(availableBytes, capacityBytes) * 100) / capacityBytes);
}

/** How many bytes have to be freed to get down to the lower threshold; 0 below the upper one. */
export function bytesToFree(disk: ImageFileSystem, { imageGcHighPercent, imageGcLowPercent }: Thresholds): number {
  if (usedPercent(disk) < imageGcHighPercent) return 0;
  return Math.floor((disk.capacityBytes * (100 - imageGcLowPercent)) / 100) - disk.availableBytes;
}

/** The records after a look at what is there and in use: what is new is seen for the first time, what is gone is forgotten. */
export function look(
  records: ImageRecord[],
  images: Image[],
  containers: Pick<RuntimeContainer, 'image' | 'imageRef'>[],
  now: number,
): ImageRecord[] {
  const used = new Set(containers.flatMap(({ image, imageRef }) => [image, imageRef]));
  return images.map((image) => {
    const before = records.find((record) => record.image.id === image.id);
    const isUsed = [image.id, ...image.repoTags, ...image.repoDigests].some((name) => used.has(name));
    return { image, firstSeen: before?.firstSeen ?? now, lastUsed: isUsed ? now : (before?.lastUsed ?? 0) };
  });
}

/** The images that may go at `now`, first the one to go first; `keep` are names that stay. */
export function removalOrder(records: ImageRecord[], keep: string[], now: number): Image[] {
  return records
    .filter(({ image, firstSeen, lastUsed }) => {
      const stays = image.pinned || image.repoTags.some((tag) => keep.includes(tag));
      return !stays && lastUsed < now && now - firstSeen >= MIN_AGE_MS;
    })
    .sort((a, b) => a.lastUsed - b.lastUsed || a.firstSeen - b.firstSeen)
    .map(({ image }) => image);
}
