import { constants, inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  dataFrame,
  type Frame,
  FrameReader,
  MAX_FRAME_BYTES,
  pingFrame,
  resetFrame,
  StreamOpener,
} from './streaming-spdy-frames.ts';

test('an opened stream: head, ids, and headers in one zlib stream a connection', () => {
  const opener = new StreamOpener();
  const first = opener.frame(1, { streamType: 'error' });
  const second = opener.frame(3, { streamType: 'stdin', port: '80' });
  expect(first.subarray(0, 4)).toEqual(Buffer.from([0x80, 3, 0, 1]));
  expect(first.readUInt32BE(4)).toBe(first.length - 8);
  expect([first.readUInt32BE(8), second.readUInt32BE(8)]).toEqual([1, 3]);
  const compressed = Buffer.concat([first.subarray(18), second.subarray(18)]);
  const headers = inflateSync(compressed, { finishFlush: constants.Z_SYNC_FLUSH });
  expect(texts(headers)).toEqual([
    ['streamtype', 'error'],
    ['streamtype', 'stdin', 'port', '80'],
  ]);
});

/** The header blocks in `bytes`, each as its names and values. */
function texts(bytes: Buffer): string[][] {
  const blocks: string[][] = [];
  for (let at = 0; at < bytes.length; ) {
    const block: string[] = [];
    const count = bytes.readUInt32BE(at) * 2;
    at += 4;
    for (let i = 0; i < count; i++) {
      const length = bytes.readUInt32BE(at);
      block.push(bytes.toString('utf8', at + 4, at + 4 + length));
      at += 4 + length;
    }
    blocks.push(block);
  }
  return blocks;
}

describe('FrameReader', () => {
  const reply = Buffer.from([0x80, 3, 0, 2, 0, 0, 0, 4, 0, 0, 0, 5]);
  const settings = Buffer.from([0x80, 3, 0, 4, 0, 0, 0, 4, 0, 0, 0, 0]);
  const goaway = Buffer.from([0x80, 3, 0, 7, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0]);
  const bytes = Buffer.concat([
    reply,
    dataFrame(5, Buffer.from('hello'), false),
    dataFrame(5, Buffer.alloc(0), true),
    resetFrame(7, 5),
    pingFrame(2),
    settings,
    goaway,
  ]);
  const frames: Frame[] = [
    { type: 'reply', stream: 5, fin: false },
    { type: 'data', stream: 5, data: Buffer.from('hello'), fin: false },
    { type: 'data', stream: 5, data: Buffer.alloc(0), fin: true },
    { type: 'reset', stream: 7, code: 5 },
    { type: 'ping', id: 2 },
    { type: 'other' },
    { type: 'goaway' },
  ];

  test.each([1, 5, 8, 1000])('frames that arrive in pieces of %i bytes', (size) => {
    const reader = new FrameReader();
    const read: Frame[] = [];
    for (let at = 0; at < bytes.length; at += size) read.push(...reader.push(bytes.subarray(at, at + size)));
    expect(read).toEqual(frames);
  });

  test('a frame that is too large, and what is not SPDY/3.1', () => {
    const large = dataFrame(1, Buffer.alloc(0), false);
    large.writeUIntBE(MAX_FRAME_BYTES + 1, 5, 3);
    expect(() => new FrameReader().push(large)).toThrow(`a SPDY frame of ${MAX_FRAME_BYTES + 1} bytes`);
    const version2 = Buffer.from([0x80, 2, 0, 7, 0, 0, 0, 0]);
    expect(() => new FrameReader().push(version2)).toThrow('does not speak SPDY/3.1');
  });
});
