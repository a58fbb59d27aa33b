/** The files of volumes whose content comes from the API. Pure. */
import type { KubeObject, Pod } from '../../pod/types.ts';
import type { Allocatable } from '../spec/context.ts';
import { metadataField } from '../spec/field-ref.ts';
import { type ResourceFieldRef, resourceField } from '../spec/resource-field.ts';
import { cleanPath, type Payload, type ProjectedFile } from './atomic-writer.ts';

export const DEFAULT_MODE = 0o644;

export interface KeyToPath {
  key: string;
  path: string;
  mode?: number;
}

export interface DownwardItem {
  path: string;
  mode?: number;
  fieldRef?: { fieldPath: string };
  resourceFieldRef?: { containerName?: string; resource: string; divisor?: string };
}

/** All keys under their names, or those that `items` lists under their paths. */
function selectKeys(
  content: Map<string, Buffer>,
  items: KeyToPath[] | undefined,
  defaultMode: number,
  isOptional: boolean,
  missing: (key: string) => string,
): Payload {
  if (!items?.length) return new Map([...content].map(([key, data]) => [key, { data, mode: defaultMode }]));
  return new Map(
    items.flatMap(({ key, path, mode = defaultMode }): [string, ProjectedFile][] => {
      const data = content.get(key);
      if (!data && !isOptional) throw new Error(missing(key));
      return data ? [[path, { data, mode }]] : [];
    }),
  );
}

const entries = (record: Record<string, string> | undefined, encoding: 'utf8' | 'base64'): [string, Buffer][] =>
  Object.entries(record ?? {}).map(([key, value]) => [key, Buffer.from(value, encoding)]);

/** A ConfigMap's files; of an optional one that is not there, none. Throws for a missing key that is not optional. */
export const configMapPayload = (
  object: KubeObject | undefined,
  { items, optional = false }: { items?: KeyToPath[]; optional?: boolean },
  defaultMode = DEFAULT_MODE,
): Payload =>
  selectKeys(
    new Map([...entries(object?.binaryData, 'base64'), ...entries(object?.data, 'utf8')]),
    items,
    defaultMode,
    optional,
    (key) => `configmap references non-existent config key: ${key}`,
  );

/** The same for a Secret. */
export const secretPayload = (
  object: KubeObject | undefined,
  { items, optional = false }: { items?: KeyToPath[]; optional?: boolean },
  defaultMode = DEFAULT_MODE,
): Payload =>
  selectKeys(
    new Map(entries(object?.data, 'base64')),
    items,
    defaultMode,
    optional,
    (key) => `references non-existent secret key: ${key}`,
  );

/** The Pod's own fields as files. Throws for a field that is not offered in volumes. */
export function downwardPayload(
  pod: Pod,
  items: DownwardItem[] | undefined,
  node: Allocatable,
  defaultMode = DEFAULT_MODE,
): Payload {
  const text = ({ fieldRef, resourceFieldRef }: DownwardItem): string => {
    if (fieldRef) return metadataField(pod, fieldRef.fieldPath);
    return resourceFieldRef ? resourceField(resourceFieldRef as ResourceFieldRef, pod, undefined, node) : '';
  };
  return new Map(
    (items ?? []).map((item) => [
      cleanPath(item.path),
      { data: Buffer.from(text(item)), mode: item.mode ?? defaultMode },
    ]),
  );
}
