/** The protobuf wire format, as far as Kubernetes uses it: varints and length-delimited fields. */

export type WireValue = { number: number; varint: bigint } | { number: number; bytes: Uint8Array };

/** The bytes are not a protobuf message. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/** The fields of a message in their order. @throws {WireError} */
export function fieldsOf(message: Uint8Array): WireValue[] {
  const found: WireValue[] = [];
  let at = 0;

  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new WireError('the message ends within a number');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new WireError('a number has more than 10 bytes');
  };

  while (at < message.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    switch (Number(tag & 7n)) {
      case 0:
        found.push({ number, varint: varint() });
        break;
      case 2: {
        const length = Number(varint());
        if (length > message.length - at) throw new WireError('a field is longer than its message');
        found.push({ number, bytes: message.subarray(at, at + length) });
        at += length;
        break;
      }
      default:
        throw new WireError(`wire type ${tag & 7n} is not used by Kubernetes' messages`);
    }
  }
  return found;
}
