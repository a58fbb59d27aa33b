/** Mounts inside mounts: a volume that containers cannot write must hold the places others are mounted at. Pure. */
import { join, normalize, relative } from 'node:path';
import type { Pod } from '../../pod/types.ts';

const plain = (path: string): string => normalize(`/${path}`).replace(/(.)\/$/, '$1');

/** Directories, relative to the volume, at which containers of the Pod mount other volumes. */
export function nestedMountPoints({ spec }: Pod, volume: string): string[] {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const points = containers.flatMap(({ volumeMounts = [] }) =>
    volumeMounts
      .filter((outer) => outer.name === volume && !outer.subPath && !outer.subPathExpr)
      .flatMap((outer) => {
        const base = plain(outer.mountPath);
        const inside = volumeMounts
          .map(({ mountPath }) => plain(mountPath))
          .filter((p) => p.startsWith(join(base, '/')));
        const outermost = inside.filter((path) => !inside.some((other) => path.startsWith(`${other}/`)));
        return outermost.filter((path) => path !== base).map((path) => relative(base, path));
      }),
  );
  return [...new Set(points)].sort();
}
