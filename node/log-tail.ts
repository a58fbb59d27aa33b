import type { FileHandle } from 'node:fs/promises';
import { MAX_HEAD_BYTES, parseHead } from './log-format.ts';

const BLOCK_BYTES = 64 * 1024;
const NEWLINE = 10;

/**
 * Where the last `lines` lines of a CRI log begin (a line in several entries counts once). Reads backwards, block by
 * block, no further than needed.
 */
export async function tailOffset(file: FileHandle, size: number, lines: number, block = BLOCK_BYTES): Promise<number> {
  let found = 0;
  let later = size;
  /** Takes the entry that begins at `start`; true when the lines wanted begin behind it. */
  const enough = (start: number, bytes: Buffer): boolean => {
    const head = parseHead(bytes);
    if (typeof head === 'string') return false;
    // An entry that ends a line begins the count of the next one; so does an unfinished line at the very end.
    if (!head.partial || later === size) found++;
    if (found > lines) return true;
    later = start;
    return false;
  };

  const buffer = Buffer.alloc(block + MAX_HEAD_BYTES);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - block);
    // Some bytes of the block read before, as an entry's head may lie across the border.
    const { bytesRead } = await file.read(buffer, 0, Math.min(size - start, end - start + MAX_HEAD_BYTES), start);
    const bytes = buffer.subarray(0, bytesRead);
    let newline = bytes.lastIndexOf(NEWLINE, end - start - 1);
    while (newline >= 0) {
      const entry = start + newline + 1;
      if (entry < size && enough(entry, bytes.subarray(newline + 1))) return later;
      newline = newline === 0 ? -1 : bytes.lastIndexOf(NEWLINE, newline - 1);
    }
    if (start === 0 && enough(0, bytes)) return later;
    end = start;
  }
  return 0;
}
