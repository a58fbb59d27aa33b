import { InvalidReference, isImageId, parseImageReference } from '../../pod/image-reference.ts';
import { RuntimeError } from '../port.ts';

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
