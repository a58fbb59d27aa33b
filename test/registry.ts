/** A registry on loopback with one image, for whoever knows the password. containerd asks loopback over plain HTTP. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { arch } from 'node:os';
import { file, tar } from '../cli/image-archive.ts';
import { busyboxLayer } from '../cli/images.ts';
import { ensureTool } from '../cli/tools.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';

interface Blob {
  type: string;
  content: Buffer;
}

export interface Registry {
  /** Without a tag; every tag is the same. */
  image: string;
  /** `host:port`, as it stands in a docker configuration. */
  host: string;
  /** From now on the image is another one, with this in its `/version`. */
  publish(version: string): Promise<void>;
  /** How often the manifest was asked for, by this user. */
  asked(user: string): number;
  close(): void;
}

/** Starts one that serves `publish`ed images to `user`. */
export async function startRegistry(user: string, password: string): Promise<Registry> {
  const busybox = await busyboxLayer(await ensureTool('busybox-static'));
  const blobs = new Map<string, Blob>();
  const asked = new Map<string, number>();
  let latest = '';

  function add(type: string, content: Buffer) {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    blobs.set(digest, { type, content });
    return { mediaType: type, digest, size: content.length };
  }

  const server = createServer(({ method, url = '', headers }, response) => {
    const [name, given] = loginOf(headers.authorization);
    const [, kind, reference = ''] = /^\/v2\/app\/(manifests|blobs)\/(.+)$/.exec(url) ?? [];
    if (kind === 'manifests') asked.set(name, (asked.get(name) ?? 0) + 1);
    if (name !== user || given !== password) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
      return;
    }
    const digest = kind === 'manifests' && !reference.startsWith('sha256:') ? latest : reference;
    const blob = blobs.get(digest);
    if (!blob) {
      response.writeHead(404).end();
      return;
    }
    const { type, content } = blob;
    response.writeHead(200, {
      'content-type': type,
      'content-length': content.length,
      'docker-content-digest': digest,
    });
    response.end(method === 'HEAD' ? undefined : content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    image: `${host}/app`,
    host,
    async publish(version) {
      const layers = [busybox, await tar([file('version', `${version}\n`)])].map((content) => add(LAYER, content));
      const config = {
        architecture: arch() === 'x64' ? 'amd64' : arch(),
        os: 'linux',
        config: { Cmd: ['sh', '-c', 'cat /version; sleep 3600'], Env: ['PATH=/bin'] },
        rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
      };
      const manifest = {
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: add(CONFIG, Buffer.from(JSON.stringify(config))),
        layers,
      };
      latest = add(MANIFEST, Buffer.from(JSON.stringify(manifest))).digest;
    },
    asked: (name) => asked.get(name) ?? 0,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function loginOf(authorization = ''): [name: string, password: string] {
  const [name = '', ...password] = Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
    .toString()
    .split(':');
  return [name, password.join(':')];
}
