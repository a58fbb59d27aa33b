/** Images of the runtime's own store. */
import { InvalidReference, isImageId, parseImageReference } from '../../pod/image-reference.ts';
import { type Runtime, RuntimeError } from '../port.ts';
import type { CriClient } from './client.ts';
import { toImage } from './from-cri.ts';
import type { ImageMessage } from './messages.ts';
import { goneIsDone } from './sandboxes.ts';

type Images = Pick<Runtime, 'imageStatus' | 'pullImage' | 'listImages' | 'removeImage'>;

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
        const { imageRef } = await client.call<{ imageRef: string }>('image', 'PullImage', request, options);
        return imageRef;
      } catch (error) {
        // The registry does not have it; NotFound is about what the runtime was asked for by id.
        if (error instanceof RuntimeError && error.code === 'NotFound')
          throw new RuntimeError('Failed', error.message, { cause: error });
        throw error;
      }
    },

    async listImages() {
      const answer = await client.call<{ images: ImageMessage[] }>('image', 'ListImages', {});
      return answer.images.map(toImage);
    },

    async removeImage(id) {
      await goneIsDone(client.call('image', 'RemoveImage', { image: { image: id } }));
    },
  };
}

/**
 * The name to call an image by: the user's, with the default tag, as the kubelet passes it on. The registry of a short
 * name stays the runtime's decision (containerd: docker.io; CRI-O: its own list). Throws InvalidImageName.
 */
export function runtimeImageName(image: string): string {
  if (isImageId(image)) return image;
  try {
    const { tag, digest } = parseImageReference(image);
    const hasTag = image.slice(image.lastIndexOf('/') + 1).includes(':');
    return tag === 'latest' && digest === undefined && !hasTag ? `${image}:latest` : image;
  } catch (error) {
    if (error instanceof InvalidReference) throw new RuntimeError('InvalidImageName', error.message, { cause: error });
    throw error;
  }
}
