/** Removes images that nothing uses while their disk is too full. */
import type { Log } from '../../pod/log.ts';
import { messageOf } from '../../pod/message-of.ts';
import type { Image, Runtime } from '../../runtime/port.ts';
import { bytesToFree, type ImageRecord, look, removalOrder, usedPercent } from './image-choice.ts';
import type { HousekeepingPolicy } from './policy.ts';

export interface ImageCollectorOptions {
  runtime: Pick<Runtime, 'listImages' | 'listContainers' | 'removeImage' | 'imageFileSystem'>;
  policy: Pick<HousekeepingPolicy, 'imageGcHighPercent' | 'imageGcLowPercent' | 'keepImages'>;
  /** An event of the node. */
  record(event: { type: 'Warning'; reason: string; message: string }): void;
  log: Pick<Log, 'info'>;
  /** ms since the epoch. */
  now?: () => number;
}

/** The threshold that turns collecting off. */
const KEEPS_ALL = 100;

export class ImageCollector {
  readonly #options: ImageCollectorOptions;
  /** Since this process started, as with the kubelet: an image's first look is never older. */
  #records: ImageRecord[] = [];
  #failed = false;

  constructor(options: ImageCollectorOptions) {
    this.#options = options;
  }

  /** Looks at the images and frees what the thresholds ask for. Throws why it could not; from the second time on that is an event, too. */
  async collect(): Promise<void> {
    try {
      await this.#collect();
      this.#failed = false;
    } catch (error) {
      const message = messageOf(error);
      if (this.#failed) this.#options.record({ type: 'Warning', reason: 'ImageGCFailed', message });
      this.#failed = true;
      throw error;
    }
  }

  /** Removes every image that nothing uses, for want of room, unless images are to stay. Throws what stood in the way. */
  async removeUnused(): Promise<void> {
    const { policy } = this.#options;
    if (policy.imageGcHighPercent === KEEPS_ALL) return;
    const at = await this.#look();
    await this.#free(Number.POSITIVE_INFINITY, removalOrder(this.#records, policy.keepImages, at));
  }

  /** Brings the records up to date; resolves with the time they are of. */
  async #look(): Promise<number> {
    const { runtime, now = Date.now } = this.#options;
    const at = now();
    // Images first: a container that is made meanwhile is then among those that use one.
    const images = await runtime.listImages();
    this.#records = look(this.#records, images, await runtime.listContainers({}), at);
    return at;
  }

  async #collect(): Promise<void> {
    const { runtime, policy, record } = this.#options;
    if (policy.imageGcHighPercent === KEEPS_ALL) return;
    const at = await this.#look();
    const disk = await runtime.imageFileSystem();
    if (disk.capacityBytes === 0) {
      const message = 'the disk of the images says that it has no capacity';
      record({ type: 'Warning', reason: 'InvalidDiskCapacity', message });
      throw new Error(message);
    }
    const wanted = bytesToFree(disk, policy);
    if (wanted <= 0) return;
    const freed = await this.#free(wanted, removalOrder(this.#records, policy.keepImages, at));
    if (freed >= wanted) return;
    const message =
      `${usedPercent(disk)}% of the disk of the images is used, and removing all unused images freed ${freed} of the ` +
      `${wanted} bytes wanted: look for what else fills it (logs, volumes, images in use)`;
    record({ type: 'Warning', reason: 'FreeDiskSpaceFailed', message });
    throw new Error(message);
  }

  /** Resolves with the bytes that the removed images had. Throws when one could not be removed, after the others. */
  async #free(wanted: number, images: Image[]): Promise<number> {
    const { runtime, log } = this.#options;
    const errors: string[] = [];
    let freed = 0;
    for (const { id, repoTags, sizeBytes } of images) {
      try {
        await runtime.removeImage(id);
        log.info({ image: repoTags[0] ?? id, sizeBytes }, 'removed an unused image: its disk is too full');
        freed += sizeBytes;
      } catch (error) {
        errors.push(String(error));
      }
      if (freed >= wanted) break;
    }
    if (errors.length > 0) throw new Error(`images could not be removed: ${errors.join('; ')}`);
    return freed;
  }
}
