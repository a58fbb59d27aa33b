import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUSYBOX_IMAGES, isStaticElf, PAUSE_IMAGE, writeImageArchive } from './images.ts';
import { UserError } from './user-error.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'images-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function untar(archive: Buffer): Promise<Map<string, { mode?: number; link?: string | null; content: Buffer }>> {
  const files = new Map();
  const entries = extract();
  Readable.from([archive]).pipe(entries);
  for await (const entry of entries) {
    const { name, mode, linkname } = entry.header;
    files.set(name, {
      mode,
      link: linkname,
      content: Buffer.concat(await Array.fromAsync(entry as AsyncIterable<Buffer>)),
    });
  }
  return files;
}

test('two images of one layer, the same bytes each time', async () => {
  const [one, two] = [join(directory, 'one.tar'), join(directory, 'two.tar')];
  await writeImageArchive(one);
  await writeImageArchive(two);
  const archive = await readFile(one);
  expect(archive.equals(await readFile(two))).toBe(true);

  const files = await untar(archive);
  const manifest = JSON.parse(String(files.get('manifest.json')?.content));
  expect(manifest.map(({ RepoTags }: { RepoTags: string[] }) => RepoTags)).toEqual([BUSYBOX_IMAGES, [PAUSE_IMAGE]]);
  expect(manifest[0].Layers).toEqual(manifest[1].Layers);
  const [busybox, pause] = manifest.map(
    ({ Config }: { Config: string }) => JSON.parse(String(files.get(Config)?.content)).config,
  );
  expect([busybox.Cmd, busybox.Entrypoint, pause.Cmd]).toEqual([['sh'], undefined, undefined]);
  expect(pause.Entrypoint[0]).toBe('/bin/sh');

  const root = await untar(files.get(manifest[0].Layers[0])?.content ?? Buffer.alloc(0));
  expect(root.get('bin/sh')?.link).toBe('busybox');
  expect(root.get('bin/busybox')?.content.equals(await readFile('/bin/busybox'))).toBe(true);
  expect([root.get('tmp/')?.mode, root.get('root/')?.mode, root.get('etc/shadow')?.mode]).toEqual([
    0o1777, 0o700, 0o600,
  ]);
});

test('no busybox, or one that needs libraries, is refused with what to do', async () => {
  await expect(writeImageArchive(join(directory, 'x'), join(directory, 'none'))).rejects.toThrow(
    /no busybox at .*busybox-static/,
  );
  await writeFile(join(directory, 'script'), '#!/bin/sh\n');
  await expect(writeImageArchive(join(directory, 'x'), join(directory, 'script'))).rejects.toThrow(UserError);
  expect(isStaticElf((await readFile('/bin/busybox')).subarray(0, 4096))).toBe(true);
  expect(isStaticElf((await readFile('/usr/bin/env')).subarray(0, 4096))).toBe(false);
});
