/**
 * The CRI log format: `<RFC 3339 time> <stdout|stderr> <tags> <content>\n`, where the tag `P` says that the line goes on
 * in the next entry of its stream and `F` that it is complete
 * (https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md).
 */

/** More than the longest possible head: a time with nanoseconds and zone, the stream's name and some tags. */
export const MAX_HEAD_BYTES = 96;

const HEAD = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([^ \n]+) /;
const NEWLINE = 10;

/** What stands before an entry's content. */
export interface EntryHead {
  /** RFC 3339, as written. */
  time: string;
  stream: 'stdout' | 'stderr';
  /** The line goes on in the next entry. */
  partial: boolean;
  /** Length of the head in bytes: where the content begins. */
  length: number;
}

/** Reads the head at the start of `bytes`: `incomplete` when more bytes may make it one, `malformed` when none can. */
export function parseHead(bytes: Buffer): EntryHead | 'incomplete' | 'malformed' {
  const text = bytes.toString('latin1', 0, MAX_HEAD_BYTES);
  const match = HEAD.exec(text);
  if (!match) {
    return bytes.length >= MAX_HEAD_BYTES || bytes.includes(NEWLINE) ? 'malformed' : 'incomplete';
  }
  const [head, time, stream, tags] = match as unknown as [string, string, EntryHead['stream'], string];
  return { time, stream, partial: tags.split(':').includes('P'), length: head.length };
}

/** Nanoseconds since 1970 of an RFC 3339 time. Throws RangeError when it is none. */
export function toNanoseconds(time: string): bigint {
  const match = /^([^.]+?)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/.exec(time);
  const seconds = match ? Date.parse(`${match[1]}${match[3]}`) : Number.NaN;
  if (!match || Number.isNaN(seconds)) throw new RangeError(`not an RFC 3339 time: ${time}`);
  return BigInt(seconds) * 1_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'));
}

/** The time with all nine digits of its fraction, as `kubectl logs --timestamps` shows it: columns stay aligned. */
export function withNanoseconds(time: string): string {
  return time.replace(/(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/, (_, digits = '', zone) => {
    return `.${String(digits).padEnd(9, '0')}${zone}`;
  });
}
