/** Images of the runtime's own store. */
import { statfs } from 'node:fs/promises';
import { type Runtime, RuntimeError } from '../port.ts';
import type { CriClient } from './client.ts';
import { givenUpIsFailed, goneIsDone } from './errors.ts';
import { toImage } from './from-cri.ts';
import { runtimeImageName } from './image-name.ts';
import type { FilesystemUsageMessage, ImageMessage } from './messages.ts';

type Images = Pick<Runtime, 'imageStatus' | 'pullImage' | 'listImages' | 'removeImage' | 'imageFileSystem'>;

export function images(client: CriClient): Images {
  return {
    async imageStatus(image) {
      const request = { image: { image: runtimeImageName(image) } };
      const answer = await client.call<{ image: ImageMessage | null }>('image', 'ImageStatus', request);
      return answer.image ? toImage(answer.image) : undefined;
    },

    async pullImage(image, auth, signal) {
      const request = { image: { image: runtimeImageName(image), userSpecifiedImage: image }, auth };
      try {
        const options = { deadlineMs: Number.POSITIVE_INFINITY, signal };
        const call = client.call<{ imageRef: string }>('image', 'PullImage', request, options);
        return (await givenUpIsFailed(call)).imageRef;
      } catch (error) {
        // The registry does not have it; NotFound is about what the runtime was asked for by id.
        if (error instanceof RuntimeError && error.code === 'NotFound')
          throw new RuntimeError('Failed', error.message, { cause: error });
        throw error;
      }
    },

    async listImages() {
      const [{ images }, ofSandboxes] = await Promise.all([
        client.call<{ images: ImageMessage[] }>('image', 'ListImages', {}),
        sandboxImage(client),
      ]);
      return images.map(toImage).map((image) => ({
        ...image,
        pinned: image.pinned || (ofSandboxes !== undefined && image.repoTags.includes(ofSandboxes)),
      }));
    },

    async removeImage(id) {
      await goneIsDone(client.call('image', 'RemoveImage', { image: { image: id } }));
    },

    async imageFileSystem() {
      const answer = await client.call<{ imageFilesystems: FilesystemUsageMessage[] }>('image', 'ImageFsInfo', {});
      const mountpoint = answer.imageFilesystems[0]?.fsId?.mountpoint;
      if (!mountpoint) throw new RuntimeError('Failed', 'the container runtime does not say where its images are');
      const { bsize, blocks, bavail, files, ffree } = await statfs(mountpoint);
      const inodes = files > 0 ? { capacity: files, available: ffree } : undefined;
      return { capacityBytes: blocks * bsize, availableBytes: bavail * bsize, inodes };
    },
  };
}

/** The image of the runtime's sandboxes: containerd before 1.7 does not say that it is pinned, but it tells its configuration. */
async function sandboxImage(client: CriClient): Promise<string | undefined> {
  const { info } = await client.call<{ info: Record<string, string> }>('runtime', 'Status', { verbose: true });
  const { sandboxImage } = JSON.parse(info.config ?? '{}') as { sandboxImage?: string };
  return sandboxImage;
}
