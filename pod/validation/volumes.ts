/** A Pod's volumes. What a node cannot mount at all is for `unsupported` to say. */
import { type FieldError, forbidden, invalid, required } from '../field-error.ts';
import { dns1123Label } from '../names.ts';
import { isQuantity, parseQuantity } from '../quantity.ts';
import type { Volume } from '../types.ts';
import { each, fileMode, noBacksteps, oneOf, requiredName, unique } from './check.ts';
import { validateProjected } from './projected.ts';
import { validateDownwardFile, validateItems } from './volume-items.ts';

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

export const validateVolumes = (volumes: Volume[] | undefined, path: string): FieldError[] => [
  ...each(volumes, path, (volume, at) => [
    ...validateSource(volume, at),
    ...requiredName(dns1123Label, `${at}.name`, volume.name),
  ]),
  ...unique(
    (volumes ?? []).map((v) => v.name),
    (index) => `${path}[${index}].name`,
  ),
];

function validateSource(volume: Volume, path: string): FieldError[] {
  const { configMap, downwardAPI, emptyDir, hostPath, projected, secret } = volume;
  const kinds = Object.entries(volume).flatMap(([kind, source]) => (kind !== 'name' && source != null ? [kind] : []));
  return [
    ...(kinds.length === 0 ? [required(path, 'must specify a volume type')] : []),
    ...kinds.slice(1).map((kind) => forbidden(`${path}.${kind}`, 'may not specify more than 1 volume type')),
    ...(emptyDir ? validateSizeLimit(emptyDir.sizeLimit, `${path}.emptyDir.sizeLimit`) : []),
    ...(hostPath ? validateHostPath(hostPath, `${path}.hostPath`) : []),
    ...(secret
      ? [
          ...(secret.secretName ? [] : [required(`${path}.secret.secretName`)]),
          ...fileMode(`${path}.secret.defaultMode`, secret.defaultMode),
          ...validateItems(secret.items, `${path}.secret.items`),
        ]
      : []),
    ...(configMap
      ? [
          ...(configMap.name ? [] : [required(`${path}.configMap.name`)]),
          ...fileMode(`${path}.configMap.defaultMode`, configMap.defaultMode),
          ...validateItems(configMap.items, `${path}.configMap.items`),
        ]
      : []),
    ...(downwardAPI
      ? [
          ...fileMode(`${path}.downwardAPI.defaultMode`, downwardAPI.defaultMode),
          ...each(downwardAPI.items, `${path}.downwardAPI.items`, validateDownwardFile),
        ]
      : []),
    ...(projected ? validateProjected(projected, `${path}.projected`) : []),
  ];
}

const validateSizeLimit = (limit: string | undefined, path: string): FieldError[] =>
  limit === undefined || (isQuantity(limit) && parseQuantity(limit).nanos >= 0n)
    ? []
    : [invalid(path, limit, 'must be a quantity that is not negative, e.g. 64Mi')];

const validateHostPath = ({ path: host, type }: NonNullable<Volume['hostPath']>, path: string): FieldError[] =>
  host
    ? [...noBacksteps(`${path}.path`, host), ...oneOf(HOST_PATH_TYPES, `${path}.type`, type)]
    : [required(`${path}.path`)];
