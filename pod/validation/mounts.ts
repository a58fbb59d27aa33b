/** Where a container sees the Pod's volumes. */
import { type FieldError, forbidden, invalid, notFound, required } from '../field-error.ts';
import type { Container, Volume } from '../types.ts';
import { descendingPath, each, noBacksteps, oneOf } from './check.ts';

type Mount = NonNullable<Container['volumeMounts']>[number];

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];
const RECURSIVE_READ_ONLY = ['Disabled', 'Enabled', 'IfPossible'];

export function validateMounts(container: Container, volumes: Volume[], path: string): FieldError[] {
  const devices = container.volumeDevices ?? [];
  const mounts = container.volumeMounts ?? [];
  return each(mounts, `${path}.volumeMounts`, (mount, at, index) => {
    const { mountPath, name, subPath, subPathExpr } = mount;
    return [
      ...(name ? [] : [required(`${at}.name`)]),
      ...(volumes.some((v) => v.name === name) ? [] : [notFound(`${at}.name`, name)]),
      ...(mountPath ? [] : [required(`${at}.mountPath`)]),
      ...(mounts.slice(0, index).some((m) => m.mountPath === mountPath)
        ? [invalid(`${at}.mountPath`, mountPath, 'must be unique')]
        : []),
      ...(devices.some((d) => d.name === name)
        ? [invalid(`${at}.name`, name, 'must not already exist in volumeDevices')]
        : []),
      ...(devices.some((d) => d.devicePath === mountPath)
        ? [invalid(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices')]
        : []),
      ...(subPath ? descendingPath(`${at}.subPath`, subPath) : []),
      ...(subPath && subPathExpr
        ? [invalid(`${at}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive')]
        : []),
      ...(subPathExpr ? descendingPath(`${at}.subPathExpr`, subPathExpr) : []),
      ...oneOf(PROPAGATIONS, `${at}.mountPropagation`, mount.mountPropagation),
      ...(mount.mountPropagation === 'Bidirectional' && !container.securityContext?.privileged
        ? [
            forbidden(
              `${at}.mountPropagation`,
              'Bidirectional mount propagation is available only to privileged containers',
            ),
          ]
        : []),
      ...validateRecursiveReadOnly(mount, `${at}.recursiveReadOnly`),
    ];
  });
}

function validateRecursiveReadOnly(
  { mountPropagation, readOnly, recursiveReadOnly }: Mount,
  path: string,
): FieldError[] {
  if (recursiveReadOnly == null || recursiveReadOnly === 'Disabled') return [];
  if (!RECURSIVE_READ_ONLY.includes(recursiveReadOnly)) return oneOf(RECURSIVE_READ_ONLY, path, recursiveReadOnly);
  return [
    ...(readOnly ? [] : [forbidden(path, 'may only be specified when readOnly is true')]),
    ...(mountPropagation && mountPropagation !== 'None'
      ? [forbidden(path, 'may only be specified when mountPropagation is None or not specified')]
      : []),
  ];
}

/** Raw block devices: they come from claims only. */
export function validateDevices(container: Container, volumes: Volume[], path: string): FieldError[] {
  const mounts = container.volumeMounts ?? [];
  const devices = container.volumeDevices ?? [];
  return each(devices, `${path}.volumeDevices`, ({ devicePath, name }, at, index) => {
    const volume = volumes.find((v) => v.name === name);
    const before = devices.slice(0, index);
    return [
      ...(name ? [] : [required(`${at}.name`)]),
      ...(before.some((d) => d.name === name) ? [invalid(`${at}.name`, name, 'must be unique')] : []),
      ...(volume && !volume.persistentVolumeClaim && !volume.ephemeral
        ? [invalid(`${at}.name`, name, 'a block device must be a persistentVolumeClaim or ephemeral volume')]
        : []),
      ...(volume ? [] : [notFound(`${at}.name`, name)]),
      ...(devicePath ? noBacksteps(`${at}.devicePath`, devicePath) : [required(`${at}.devicePath`)]),
      ...(before.some((d) => d.devicePath === devicePath)
        ? [invalid(`${at}.devicePath`, devicePath, 'must be unique')]
        : []),
      ...(mounts.some((m) => m.name === name)
        ? [invalid(`${at}.name`, name, 'must not already exist in volumeMounts')]
        : []),
      ...(mounts.some((m) => m.mountPath === devicePath)
        ? [invalid(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts')]
        : []),
    ];
  });
}
