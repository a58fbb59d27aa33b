/**
 * `/openapi/v2`, in protobuf: what kubectl asks for when a manifest is a `kind: List`, to validate its items itself. The
 * schemas here allow any field, for the API validates each item again when it is written.
 */
import type { ServedGroup } from '../discovery/served.ts';

/** As clients ask for it. */
export const V2_ACCEPTED = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
/** As it is answered: a media type has no `@`, and clients parse this one. */
export const V2_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** The document as a message `openapi.v2.Document`; the field numbers are gnostic-models' (OpenAPIv2.proto). */
export function v2Document(groups: readonly ServedGroup[], version: string): Uint8Array<ArrayBuffer> {
  const info = message(2, field(1, 'Kubernetes'), field(2, version));
  const definitions = groups.flatMap((served) => served.resources.map(({ kind }) => definition(served, kind)));
  return Buffer.concat([field(1, '2.0'), info, message(8), message(9, ...definitions)]);
}

function definition({ group, version }: ServedGroup, kind: string): Uint8Array {
  const type = message(22, field(1, 'object'));
  // YAML, of which JSON is a part.
  const kinds = message(2, field(2, JSON.stringify([{ group, version, kind }])));
  const extension = message(31, field(1, 'x-kubernetes-group-version-kind'), kinds);
  return message(1, field(1, [group || 'core', version, kind].join('.')), message(2, type, extension));
}

function message(number: number, ...fields: Uint8Array[]): Uint8Array {
  return field(number, Buffer.concat(fields));
}

/** A length-delimited field. */
function field(number: number, value: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Uint8Array.of(...bytes, rest);
    bytes.push((rest & 0x7f) | 0x80);
  }
}
