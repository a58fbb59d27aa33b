/** An image's name in its parts: `[registry[:port]/]path[:tag][@algorithm:digest]`. */
export interface ImageName {
  repository: string;
  /** `latest` when the name has neither a tag nor a digest. */
  tag?: string;
  digest?: string;
}

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const HOST =
  '(?:\\[[0-9a-fA-F:]+\\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::[0-9]+)?';
const NAME = new RegExp(
  `^((?:${HOST}/)?${COMPONENT}(?:/${COMPONENT})*)(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
);
const MAX_NAME = 1024;

/** The parts of an image's name, or undefined when it is not one (the container then waits with InvalidImageName). */
export function parseImageName(image: string): ImageName | undefined {
  const match = image.length <= MAX_NAME ? NAME.exec(image) : null;
  if (!match || match[1]!.length > 255) return undefined;
  const [, repository, tag, digest] = match;
  return {
    repository: repository!,
    ...(tag !== undefined ? { tag } : digest === undefined ? { tag: 'latest' } : {}),
    ...(digest !== undefined ? { digest } : {}),
  };
}
