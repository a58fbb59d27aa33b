import { beforeEach, expect, test } from 'vitest';
import { containerSpec, sandboxSpec } from '../../runtime/fixtures.ts';
import { type Runtime, RuntimeError } from '../../runtime/port.ts';
import { openSimRuntime } from '../../runtime/sim/runtime.ts';
import { SimWorld } from '../../runtime/sim/world.ts';
import { ImageCollector } from './image-collector.ts';

const full = (name: string) => `docker.io/library/${name}:1`;
const FULL_DISK = { capacityBytes: 1000, availableBytes: 100 };

let world: SimWorld;
let runtime: Runtime;
let events: string[];
let now: number;
beforeEach(() => {
  world = new SimWorld({ images: { present: ['kept:1', 'used:1', 'unused:1', 'other:1'] } });
  // Simulated images take no room of their own.
  const simulated = openSimRuntime({ world });
  runtime = {
    ...simulated,
    listImages: async () => (await simulated.listImages()).map((image) => ({ ...image, sizeBytes: 60 })),
  };
  events = [];
  now = 1_000_000;
});

function collector(imageGcHighPercent = 85) {
  return new ImageCollector({
    runtime,
    policy: { imageGcHighPercent, imageGcLowPercent: 80, keepImages: [full('kept')] },
    record: ({ reason, message }) => void events.push(`${reason}: ${message}`),
    log: { info() {} },
    now: () => now,
  });
}

async function use(image: string) {
  const spec = sandboxSpec('/nowhere');
  const { id } = await runtime.runSandbox(spec);
  await runtime.createContainer(id, containerSpec(spec, image, ['true']), spec);
}

test('frees what is wanted and no more, of what nobody uses', async () => {
  await use('used:1');
  const images = collector();
  await images.collect();
  now += 120_000;
  await images.collect();
  expect([...world.images].length).toBe(4);
  world.imageFileSystem = { ...FULL_DISK, availableBytes: 145 };
  await images.collect();
  expect([...world.images]).toEqual([full('kept'), full('used'), full('other')]);
  expect(events).toEqual([]);
});

test('for want of room all go that nobody uses, but those that may have come just now', async () => {
  await use('used:1');
  const images = collector(99);
  await images.removeUnused();
  now += 120_000;
  world.images.add(full('new'));
  await images.removeUnused();
  expect([...world.images]).toEqual([full('kept'), full('used'), full('new')]);
});

test('what is not enough is said, and from the second time on that it failed', async () => {
  world.imageFileSystem = { capacityBytes: 1000, availableBytes: 0 };
  const images = collector();
  const message = (freed: number) =>
    `100% of the disk of the images is used, and removing all unused images freed ${freed} of the 200 bytes wanted: look for what else fills it (logs, volumes, images in use)`;
  await expect(images.collect()).rejects.toThrow(message(0));
  now += 120_000;
  await expect(images.collect()).rejects.toThrow(message(180));
  expect([...world.images]).toEqual([full('kept')]);
  expect(events).toEqual([
    `FreeDiskSpaceFailed: ${message(0)}`,
    `FreeDiskSpaceFailed: ${message(180)}`,
    `ImageGCFailed: ${message(180)}`,
  ]);
});

test('goes on to the next image when one cannot be removed', async () => {
  const images = collector();
  await images.collect();
  now += 120_000;
  world.imageFileSystem = FULL_DISK;
  world.fail('removeImage', new RuntimeError('Failed', 'busy'));
  await expect(images.collect()).rejects.toThrow('images could not be removed: RuntimeError: busy');
  expect([...world.images]).toEqual([full('kept'), full('used')]);
});

test('100 turns it off', async () => {
  world.imageFileSystem = { capacityBytes: 1000, availableBytes: 0 };
  const images = collector(100);
  await images.collect();
  now += 1e9;
  await images.collect();
  await images.removeUnused();
  expect([...world.images].length).toBe(4);
});
