/** Archives of images in docker's format, which every containerd imports. The same input gives the same bytes. */
import { createHash } from 'node:crypto';
import { arch } from 'node:os';
import { type Header, pack } from 'tar-stream';

const EPOCH = new Date(0);
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const ARCHITECTURES: Record<string, string> = {
  x64: 'amd64',
  arm64: 'arm64',
  arm: 'arm',
  riscv64: 'riscv64',
  s390x: 's390x',
  ppc64: 'ppc64le',
};

/** One entry of a tar; all belong to root. */
export interface Entry {
  header: Pick<Header, 'name' | 'mode' | 'type'> & Partial<Header>;
  content?: Buffer;
}

export interface ImageSpec {
  tags: string[];
  /** Tars, the lowest first. */
  layers: Buffer[];
  /** What an image says of its process: `Cmd`, `Entrypoint`, `User`. */
  config: object;
}

export function file(name: string, content: Buffer | string, mode = 0o644): Entry {
  return { header: { name, mode, type: 'file' }, content: Buffer.from(content) };
}

export function directory(name: string, mode = 0o755): Entry {
  return { header: { name: `${name}/`, mode, type: 'directory' } };
}

export function link(name: string, linkname: string): Entry {
  return { header: { name, linkname, mode: 0o777, type: 'symlink' } };
}

export async function tar(entries: Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { header, content } of entries)
    archive.entry({ ...header, mtime: EPOCH, uid: 0, gid: 0 }, content ?? Buffer.alloc(0));
  archive.finalize();
  return Buffer.concat(await Array.fromAsync(archive as AsyncIterable<Buffer>));
}

/** The archive of the images; a layer that several have is in it once. */
export function imageArchive(images: ImageSpec[]): Promise<Buffer> {
  const layers = new Map(images.flatMap((image) => image.layers.map((layer) => [`${sha256(layer)}.tar`, layer])));
  const configs = images.map(imageConfig);
  const manifest = images.map((image, index) => ({
    Config: `${sha256(configs[index] as string)}.json`,
    RepoTags: image.tags,
    Layers: image.layers.map((layer) => `${sha256(layer)}.tar`),
  }));
  return tar([
    ...configs.map((config) => file(`${sha256(config)}.json`, config)),
    ...[...layers].map(([name, layer]) => file(name, layer)),
    file('manifest.json', JSON.stringify(manifest)),
  ]);
}

function imageConfig({ layers, config }: ImageSpec): string {
  return JSON.stringify({
    architecture: ARCHITECTURES[arch()] ?? arch(),
    os: 'linux',
    created: EPOCH.toISOString(),
    config: { Env: [PATH], ...config },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => `sha256:${sha256(layer)}`) },
    history: layers.map(() => ({ created: EPOCH.toISOString(), created_by: 'durapod, from programs of this machine' })),
  });
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}
