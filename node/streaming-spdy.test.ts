import { type Duplex, duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { SpdyConnection } from './streaming-spdy.ts';
import { dataFrame, type Frame, FrameReader, pingFrame, resetFrame } from './streaming-spdy-frames.ts';

const reply = (stream: number) => Buffer.from([0x80, 3, 0, 2, 0, 0, 0, 4, 0, 0, 0, stream]);

/** A connection to a server that is played by hand, and the frames that reach it (openings as `other`). */
function connect() {
  const [ours, theirs] = duplexPair() as [Duplex, Duplex];
  const reader = new FrameReader();
  const received: Frame[] = [];
  theirs.on('data', (chunk: Buffer) => received.push(...reader.push(chunk)));
  return { spdy: new SpdyConnection(ours, Buffer.alloc(0)), theirs, received };
}

async function open({ spdy, theirs }: ReturnType<typeof connect>, id: number) {
  const opening = spdy.open({ streamtype: 'stdout' });
  theirs.write(reply(id));
  return opening;
}

test('writes and ends of a stream reach the server; what it sends is read to its end', async () => {
  const connection = connect();
  const stream = await open(connection, 1);
  stream.end('in');
  connection.theirs.write(dataFrame(1, Buffer.from('out'), false));
  connection.theirs.write(dataFrame(1, Buffer.from('put'), true));
  expect(await text(stream)).toBe('output');
  expect(connection.received.slice(1)).toEqual([
    { type: 'data', stream: 1, data: Buffer.from('in'), fin: false },
    { type: 'data', stream: 1, data: Buffer.alloc(0), fin: true },
  ]);
});

test('pings are answered', async () => {
  const { theirs, received } = connect();
  theirs.write(pingFrame(2));
  await expect.poll(() => received).toEqual([{ type: 'ping', id: 2 }]);
});

test('a reset ends a stream that was accepted and fails one that was not', async () => {
  const connection = connect();
  const stream = await open(connection, 1);
  connection.theirs.write(dataFrame(1, Buffer.from('last'), false));
  connection.theirs.write(resetFrame(1, 5));
  expect(await text(stream)).toBe('last');
  const refused = connection.spdy.open({ streamtype: 'stdin' });
  connection.theirs.write(resetFrame(3, 3));
  await expect(refused).rejects.toThrow('the runtime reset the stream (3)');
});

test('the end of the connection ends its streams', async () => {
  const connection = connect();
  const stream = await open(connection, 1);
  const opening = connection.spdy.open({ streamtype: 'stdin' });
  connection.theirs.end();
  await expect(opening).rejects.toThrow('the runtime closed the connection');
  expect(await text(stream)).toBe('');
});

test('a stream that is not read holds the server up; the end of another does not', async () => {
  const connection = connect();
  const slow = await open(connection, 1);
  const ended = await open(connection, 3);
  connection.theirs.write(dataFrame(3, Buffer.alloc(0), true));
  expect(await text(ended)).toBe('');
  const piece = Buffer.alloc(16 * 1024, 'x');
  let sent = 0;
  while (sent < 100 && connection.theirs.write(dataFrame(1, piece, sent === 99))) {
    sent++;
    await new Promise(setImmediate);
  }
  expect(sent).toBeLessThan(20);
  connection.theirs.end(dataFrame(1, Buffer.alloc(0), true));
  expect((await text(slow)).length).toBe((sent + 1) * piece.length);
});
