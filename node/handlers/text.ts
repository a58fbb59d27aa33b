/** Most that is kept of a command's output or an answer's body: 10 KiB, as the kubelet keeps. */
export const MAX_OUTPUT_BYTES = 10 * 1024;

/** The text, cut to so many bytes of UTF-8. */
export function bounded(text: string, maxBytes = MAX_OUTPUT_BYTES): string {
  const bytes = Buffer.from(text);
  return bytes.length <= maxBytes ? text : decode(bytes, maxBytes);
}

/** Bytes as text, cut to so many and never within a character. */
export function decode(bytes: Uint8Array, maxBytes = MAX_OUTPUT_BYTES): string {
  return new TextDecoder().decode(bytes.subarray(0, maxBytes), { stream: true });
}

/** Why something failed, in one line. A connection tried at several addresses fails with one error each. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(reasonOf).join('; ');
  if (!(error instanceof Error)) return String(error);
  return error.message || error.name;
}
