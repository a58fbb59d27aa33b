/** Reads a request's body, bounded, as JSON or YAML. */
import { isMap, isScalar, isSeq, type Node, parseDocument, type Tags } from 'yaml';
import { badRequest, tooLarge, unsupportedMediaType } from '../errors.ts';
import { duplicateKeys } from './duplicate-keys.ts';

/** What upstream's API server takes as well. */
const bodyLimit = 3 * 1024 * 1024;

export interface Parsed {
  value: unknown;
  /** Paths of fields given more than once; the last one counts. */
  duplicates: string[];
}

/** The body, or 413 as soon as it is longer than `limit` bytes. */
export async function readBody(request: Request, limit = bodyLimit): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge(limit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.byteLength;
  }
  return body;
}

/** A media type without its parameters, in lower case; empty when there is none. */
export const mediaType = (header: string | null): string => (header ?? '').split(';')[0]!.trim().toLowerCase();

const json = /^application\/([\w.-]+\+)?json$/;
const yaml = /^(application|text)\/([\w.-]+\+)?(x-)?yaml$/;

/** Parses by content type; without one, as YAML, of which JSON is a part. Throws 400 and 415. */
export function parseBody(body: Uint8Array, contentType: string | null): Parsed {
  const type = mediaType(contentType);
  const text = decodeUtf8(body);
  if (json.test(type)) return parseJson(text);
  if (yaml.test(type)) return parseYaml(text);
  if (!type) return /^\s*\{/.test(text) ? parseJson(text) : parseYaml(text);
  throw unsupportedMediaType(
    `the body of the request is in a format that is not accepted (${type}): send application/json or application/yaml (curl: -H "content-type: application/yaml")`,
  );
}

function decodeUtf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw badRequest('the body of the request is not UTF-8');
  }
}

function parseJson(text: string): Parsed {
  try {
    return { value: JSON.parse(text), duplicates: duplicateKeys(text) };
  } catch (error) {
    throw badRequest(`the body of the request is not JSON: ${(error as Error).message}`);
  }
}

/**
 * YAML 1.1, as Kubernetes reads it (`yes` is true, `0644` is octal), without its types that JSON lacks and without
 * base-60 numbers, so that `12:30` stays text.
 */
const onlyJsonTypes = (tags: Tags): Tags =>
  tags.filter(
    (tag) =>
      typeof tag === 'object' &&
      !('format' in tag && tag.format === 'TIME') &&
      tag.tag !== 'tag:yaml.org,2002:timestamp',
  );

function parseYaml(text: string): Parsed {
  const document = parseDocument(text, { version: '1.1', uniqueKeys: false, customTags: onlyJsonTypes });
  const [error] = document.errors;
  if (error) throw badRequest(`the body of the request is not YAML: ${error.message.split('\n')[0]}`);
  try {
    return { value: document.toJS({ maxAliasCount: 100 }), duplicates: duplicatesIn(document.contents, '') };
  } catch (cause) {
    throw badRequest(`the body of the request is not YAML: ${(cause as Error).message}`);
  }
}

function duplicatesIn(node: Node | null | unknown, path: string): string[] {
  if (isSeq(node)) return node.items.flatMap((item, i) => duplicatesIn(item, `${path}[${i}]`));
  if (!isMap(node)) return [];
  const seen = new Set<string>();
  return node.items.flatMap((pair) => {
    const key = String(isScalar(pair.key) ? pair.key.value : pair.key);
    const at = path ? `${path}.${key}` : key;
    const again = seen.has(key) ? [at] : [];
    seen.add(key);
    return [...again, ...duplicatesIn(pair.value, at)];
  });
}
