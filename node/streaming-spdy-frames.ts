/**
 * SPDY/3.1 frames, as far as the client of a runtime's streaming server needs them: both sides open streams, send data
 * and end them. Layouts: https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
 */
const VERSION = 3;
const FLAG_FIN = 1;
/** A runtime copies in pieces of 32 KiB; more than this is not meant for us. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024;

const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;

export type Frame =
  | { type: 'data'; stream: number; data: Buffer; fin: boolean }
  | { type: 'reply'; stream: number; fin: boolean }
  | { type: 'reset'; stream: number; code: number }
  | { type: 'ping'; id: number }
  | { type: 'goaway' }
  /** Settings, windows and headers: nothing to do. */
  | { type: 'other' };

/** Data for a stream; with `fin` its last. */
export function dataFrame(stream: number, data: Buffer, fin: boolean): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(stream);
  head.writeUInt32BE((fin ? FLAG_FIN << 24 : 0) + data.length, 4);
  return Buffer.concat([head, data]);
}

/** Gives a stream up. */
export function resetFrame(stream: number, code: number): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt32BE(stream);
  body.writeUInt32BE(code, 4);
  return control(RST_STREAM, body);
}

/** Answers a ping: the same frame, sent back. */
export function pingFrame(id: number): Buffer {
  const body = Buffer.alloc(4);
  body.writeUInt32BE(id);
  return control(PING, body);
}

/** Opens streams on one connection: its header blocks are one zlib stream, so it remembers that it has begun. */
export class StreamOpener {
  #begun = false;

  /** The frame that opens `stream` with these headers. */
  frame(stream: number, headers: Record<string, string>): Buffer {
    const body = Buffer.alloc(10);
    body.writeUInt32BE(stream);
    return control(SYN_STREAM, Buffer.concat([body, this.#compress(headerBlock(headers))]));
  }

  /**
   * The zlib stream SPDY asks for, in stored blocks and without its dictionary: a sender may choose both, and headers
   * of some bytes gain nothing from them. The empty block at the end flushes, as Z_SYNC_FLUSH does.
   */
  #compress(block: Buffer): Buffer {
    const stored = Buffer.alloc(5);
    stored.writeUInt16LE(block.length, 1);
    stored.writeUInt16LE(~block.length & 0xffff, 3);
    const flush = Buffer.from([0, 0, 0, 0xff, 0xff]);
    const start = this.#begun ? [] : [Buffer.from([0x78, 0x01])];
    this.#begun = true;
    return Buffer.concat([...start, stored, block, flush]);
  }
}

function headerBlock(headers: Record<string, string>): Buffer {
  const texts = Object.entries(headers).flatMap(([name, value]) => [name.toLowerCase(), value]);
  const parts = texts.flatMap((text) => {
    const bytes = Buffer.from(text);
    return [uint32(bytes.length), bytes];
  });
  return Buffer.concat([uint32(texts.length / 2), ...parts]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function control(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(0x8000 | VERSION);
  head.writeUInt16BE(type, 2);
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

/** Cuts what arrives into frames. Throws when it is not SPDY/3.1 or a frame is larger than MAX_FRAME_BYTES. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);

  /** The frames that `chunk` completes. */
  push(chunk: Buffer): Frame[] {
    this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk;
    const frames: Frame[] = [];
    while (this.#pending.length >= 8) {
      const length = this.#pending.readUIntBE(5, 3);
      if (length > MAX_FRAME_BYTES) throw new Error(`the runtime sent a SPDY frame of ${length} bytes`);
      if (this.#pending.length < 8 + length) break;
      frames.push(parse(this.#pending.subarray(0, 8), this.#pending.subarray(8, 8 + length)));
      this.#pending = this.#pending.subarray(8 + length);
    }
    return frames;
  }
}

function parse(head: Buffer, body: Buffer): Frame {
  const fin = (head.readUInt8(4) & FLAG_FIN) !== 0;
  const word = head.readUInt32BE();
  if (word < 0x80000000) return { type: 'data', stream: word, data: body, fin };
  if (head.readUInt16BE() !== (0x8000 | VERSION)) throw new Error('the runtime does not speak SPDY/3.1');
  switch (head.readUInt16BE(2)) {
    case SYN_REPLY:
      return { type: 'reply', stream: body.readUInt32BE() & 0x7fffffff, fin };
    case RST_STREAM:
      return { type: 'reset', stream: body.readUInt32BE() & 0x7fffffff, code: body.readUInt32BE(4) };
    case PING:
      return { type: 'ping', id: body.readUInt32BE() };
    case GOAWAY:
      return { type: 'goaway' };
    default:
      return { type: 'other' };
  }
}
