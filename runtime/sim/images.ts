/** The images of a simulated machine: names, and the ids made from them. */
import { createHash } from 'node:crypto';
import { InvalidReference, isImageId, normaliseImage } from '../../pod/image-reference.ts';
import { type Image, type Runtime, RuntimeError } from '../port.ts';
import type { SimWorld } from './world.ts';

type Images = Pick<Runtime, 'imageStatus' | 'pullImage' | 'listImages' | 'removeImage' | 'imageFileSystem'>;

export function images(world: SimWorld): Images {
  const listImages = async () => [...world.images].map(toImage);
  return {
    listImages,

    async imageStatus(image) {
      if (isImageId(image)) return (await listImages()).find(({ id }) => id === image);
      const name = fullName(image);
      return world.images.has(name) ? toImage(name) : undefined;
    },

    async pullImage(image, _credentials, signal) {
      signal.throwIfAborted();
      const name = fullName(image);
      if (world.pullable !== 'all' && !world.pullable.some((pullable) => fullName(pullable) === name))
        throw new RuntimeError(
          'Failed',
          `failed to pull and unpack image "${name}": not found in the simulated registry`,
        );
      world.images.add(name);
      return toImage(name).id;
    },

    async removeImage(id) {
      const name = isImageId(id) ? [...world.images].find((name) => imageId(name) === id) : fullName(id);
      if (name !== undefined) world.images.delete(name);
    },

    imageFileSystem: async () => world.imageFileSystem,
  };
}

/** The id of an image that is there. Throws RuntimeError. */
export function imageRefOf(world: SimWorld, image: string): string {
  const name = isImageId(image) ? [...world.images].find((name) => imageId(name) === image) : fullName(image);
  if (name === undefined || !world.images.has(name))
    throw new RuntimeError('Failed', `image "${image}" is not here: pull it first`);
  return imageId(name);
}

function toImage(name: string): Image {
  return {
    id: imageId(name),
    repoTags: name.includes('@') ? [] : [name],
    repoDigests: [],
    sizeBytes: 0,
    pinned: false,
  };
}

function imageId(name: string): string {
  return `sha256:${createHash('sha256').update(name).digest('hex')}`;
}

function fullName(image: string): string {
  try {
    return normaliseImage(image);
  } catch (error) {
    if (error instanceof InvalidReference) throw new RuntimeError('InvalidImageName', error.message, { cause: error });
    throw error;
  }
}
