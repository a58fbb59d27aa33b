/** What volumes take from ConfigMaps, Secrets and the Pod, and the files it becomes. */
import { type FieldError, invalid, required } from '../field-error.ts';
import type { Volume } from '../types.ts';
import { each, fileMode, volumePath } from './check.ts';
import { validateFieldRef, validateResourceFieldRef } from './env.ts';

type KeyToPath = { key: string; path: string; mode?: number };
type DownwardFile = NonNullable<NonNullable<Volume['downwardAPI']>['items']>[number];

const DOWNWARD_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

/** Keys of a ConfigMap or Secret, and the files they become. */
export const validateItems = (items: KeyToPath[] | undefined, path: string): FieldError[] =>
  each(items, path, ({ key, mode, path: file }, at) => [
    ...(key ? [] : [required(`${at}.key`)]),
    ...(file ? volumePath(`${at}.path`, file) : [required(`${at}.path`)]),
    ...fileMode(`${at}.mode`, mode),
  ]);

/** A field of the Pod or of a container, and the file it becomes. */
export function validateDownwardFile(
  { fieldRef, mode, path: file, resourceFieldRef }: DownwardFile,
  path: string,
): FieldError[] {
  return [
    ...(file ? volumePath(`${path}.path`, file) : [required(`${path}.path`)]),
    ...(fieldRef ? validateFieldRef(fieldRef, DOWNWARD_FIELDS, `${path}.fieldRef`) : []),
    ...(resourceFieldRef && !fieldRef
      ? resourceFieldRef.containerName
        ? validateResourceFieldRef(resourceFieldRef, `${path}.resourceFieldRef`)
        : [required(`${path}.resourceFieldRef.containerName`)]
      : []),
    ...(fieldRef && resourceFieldRef
      ? [invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously')]
      : []),
    ...(!fieldRef && !resourceFieldRef ? [required(path, 'one of fieldRef and resourceFieldRef is required')] : []),
    ...fileMode(`${path}.mode`, mode),
  ];
}
