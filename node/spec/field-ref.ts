/** Fields of a Pod by their path (Kubernetes docs: "Downward API"). Pure. */
import { qualifiedName } from '../../pod/names.ts';
import type { Pod } from '../../pod/types.ts';

/** The path names nothing that the downward API offers here. */
export class FieldRefError extends Error {
  override readonly name = 'FieldRefError';
}

const escapes: Record<string, string> = {
  '\\': '\\\\',
  '"': '\\"',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  if (escapes[character]) return escapes[character];
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** A string in double quotes, as the downward API writes labels and annotations: what is printable stays readable. */
const quote = (text: string): string => `"${text.replace(/["\\\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, escapeCharacter)}"`;

/** One `key="value"` a line, by key. */
const formatMap = (map: Record<string, string> = {}): string =>
  Object.keys(map)
    .sort()
    .map((key) => `${key}=${quote(map[key]!)}`)
    .join('\n');

function byKey(path: string, map: Record<string, string> | undefined, key: string): string {
  const errors = qualifiedName(path.startsWith('metadata.annotations') ? key.toLowerCase() : key);
  if (errors.length > 0) throw new FieldRefError(`invalid key in fieldPath ${path}: ${errors.join('; ')}`);
  return map?.[key] ?? '';
}

/** The fields that volumes and environment variables share. Empty when the Pod does not have it. @throws {FieldRefError} */
export function metadataField(pod: Pod, path: string): string {
  const { metadata } = pod;
  const subscript = /^(.+?)\['(.*)'\]$/s.exec(path);
  if (subscript?.[1] === 'metadata.annotations') return byKey(path, metadata.annotations, subscript[2]!);
  if (subscript?.[1] === 'metadata.labels') return byKey(path, metadata.labels, subscript[2]!);
  switch (path) {
    case 'metadata.name':
      return metadata.name ?? '';
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid ?? '';
    case 'metadata.labels':
      return formatMap(metadata.labels);
    case 'metadata.annotations':
      return formatMap(metadata.annotations);
    default:
      throw new FieldRefError(`unsupported fieldPath: ${path}`);
  }
}

/** What a container's environment may refer to: the above, and what is known once the Pod has its node and addresses. */
export function environmentField(
  pod: Pod,
  path: string,
  node: { nodeName: string; hostIPs: string[]; podIPs: string[] },
): string {
  switch (path) {
    case 'spec.nodeName':
    case 'spec.host':
      return pod.spec.nodeName || node.nodeName;
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? '';
    case 'status.hostIP':
      return node.hostIPs[0] ?? '';
    case 'status.hostIPs':
      return node.hostIPs.join(',');
    case 'status.podIP':
      return node.podIPs[0] ?? '';
    case 'status.podIPs':
      return node.podIPs.join(',');
    default:
      return metadataField(pod, path);
  }
}
