/** A request's body as parsed values, whichever of the formats it is in. */
import { badRequest, unsupportedMediaType } from '../errors.ts';
import { decodeProtobuf, NotReadAsProtobuf } from '../protobuf/decode.ts';
import { WireError } from '../protobuf/wire.ts';
import type { KubernetesSchema } from '../schema/definitions.ts';
import { mediaType, type Parsed, parseBody, readBody } from './body.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** Undefined when there is no body. Throws 400, 413 and 415. */
export async function parsedBody(schema: KubernetesSchema, request: Request): Promise<Parsed | undefined> {
  const body = await readBody(request);
  const contentType = request.headers.get('content-type');
  if (body.byteLength === 0) return undefined;
  return mediaType(contentType) === PROTOBUF ? fromProtobuf(schema, body) : parseBody(body, contentType);
}

function fromProtobuf(schema: KubernetesSchema, body: Uint8Array): Parsed {
  try {
    return { value: decodeProtobuf(schema, body), duplicates: [] };
  } catch (error) {
    if (error instanceof NotReadAsProtobuf) {
      throw unsupportedMediaType(
        `this object is not read as protobuf here (${error.message}): send application/json (client-go: --kube-api-content-type=application/json)`,
      );
    }
    if (error instanceof WireError || error instanceof TypeError) {
      throw badRequest(`the body of the request is not protobuf: ${error.message}`);
    }
    throw error;
  }
}
