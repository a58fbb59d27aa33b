import { Duplex } from 'node:stream';
import { dataFrame, FrameReader, pingFrame, resetFrame, StreamOpener } from './streaming-spdy-frames.ts';

/** How long, in ms, the other end may take to accept a stream. */
const OPEN_MS = 30_000;
const CANCEL = 5;

/**
 * The client's end of a SPDY/3.1 connection. Kubernetes' servers know no flow control of single streams, so a stream
 * that is not read holds up the whole connection, as TCP then does the sender.
 */
export class SpdyConnection {
  readonly #socket: Duplex;
  readonly #frames = new FrameReader();
  readonly #opener = new StreamOpener();
  readonly #streams = new Map<number, SpdyStream>();
  #nextId = 1;

  /** `head` is what came behind the 101 already. */
  constructor(socket: Duplex, head: Buffer) {
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('close', () => this.#end());
    socket.on('end', () => this.close());
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    if (head.length > 0) socket.unshift(head);
  }

  /** Opens a stream; resolves when the other end has accepted it. */
  open(headers: Record<string, string>): Promise<Duplex> {
    const id = this.#nextId;
    this.#nextId += 2;
    return new Promise((resolve, reject) => {
      const stream: SpdyStream = new SpdyStream(id, this.#socket, () => {
        clearTimeout(timer);
        resolve(stream);
      });
      const timer = setTimeout(() => stream.giveUp('the runtime did not accept a stream in time'), OPEN_MS);
      stream.once('error', reject);
      stream.once('close', () => {
        clearTimeout(timer);
        this.#streams.delete(id);
      });
      this.#streams.set(id, stream);
      this.#socket.write(this.#opener.frame(id, headers));
    });
  }

  /** Ends the connection and all its streams. */
  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.push(chunk)) {
        if (frame.type === 'ping') this.#socket.write(pingFrame(frame.id));
        if (!('stream' in frame)) continue;
        const stream = this.#streams.get(frame.stream);
        if (!stream) continue;
        if (frame.type === 'reply') stream.accepted();
        if (frame.type === 'data') stream.received(frame.data);
        if (frame.type === 'reset') stream.giveUp(`the runtime reset the stream (${frame.code})`);
        else if (frame.fin) stream.received(null);
      }
    } catch (error) {
      this.#socket.destroy(error as Error);
    }
  }

  #end(): void {
    for (const stream of this.#streams.values()) stream.giveUp('the runtime closed the connection');
    this.#streams.clear();
  }
}

class SpdyStream extends Duplex {
  readonly #id: number;
  readonly #socket: Duplex;
  readonly #onAccept: () => void;
  #accepted = false;
  #ended = false;

  constructor(id: number, socket: Duplex, accepted: () => void) {
    super();
    this.#id = id;
    this.#socket = socket;
    this.#onAccept = accepted;
  }

  accepted(): void {
    this.#accepted = true;
    this.#onAccept();
  }

  /** The other end gives the stream up. A server does so with every stream when its process has ended: no failure. */
  giveUp(why: string): void {
    if (this.#accepted) this.received(null);
    else this.destroy(new Error(why));
  }

  /** Data from the other end; null is its end. */
  received(data: Buffer | null): void {
    if (this.#ended || this.destroyed) return;
    if (data === null) this.#ended = true;
    if (data?.length === 0) return;
    // Not at the end: nothing would be read any more that could go on with the others.
    if (!this.push(data) && data) this.#socket.pause();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(data: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(dataFrame(this.#id, data, false), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.write(dataFrame(this.#id, Buffer.alloc(0), true), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#ended && this.#socket.writable) this.#socket.write(resetFrame(this.#id, CANCEL));
    done(error);
  }
}
