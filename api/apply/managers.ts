/** Who manages which fields: metadata.managedFields, read and written. */
import type { KubeObject } from '../../pod/types.ts';
import { badRequest } from '../errors.ts';
import { equal } from '../objects/equal.ts';
import { type FieldSet, type FieldsV1, fromFieldsV1, isEmpty, toFieldsV1 } from './field-set.ts';

/** Somebody who writes, in one way, to one side of an object. */
export interface ManagerId {
  name: string;
  operation: 'Apply' | 'Update';
  /** `status`, …; empty for the object itself. */
  subresource: string;
  apiVersion: string;
}

export interface Manager extends ManagerId {
  fields: FieldSet;
  /** Of the last change of `fields`, RFC 3339. */
  time?: string;
}

type Entry = Record<string, unknown>;

export const sameManager = (a: ManagerId, b: ManagerId): boolean =>
  a.name === b.name && a.operation === b.operation && a.subresource === b.subresource && a.apiVersion === b.apiVersion;

/** An object's managers. Throws 400 for entries that a client made up. */
export const managersOf = ({ metadata }: KubeObject): Manager[] =>
  ((metadata.managedFields ?? []) as Entry[]).map((entry) => {
    const { manager = '', operation, subresource = '', apiVersion, time, fieldsV1 = {}, fieldsType } = entry;
    if ((operation !== 'Apply' && operation !== 'Update') || !apiVersion || fieldsType !== 'FieldsV1') {
      throw badRequest(
        'metadata.managedFields: each entry needs an operation (Apply or Update), an apiVersion and fieldsType FieldsV1',
      );
    }
    return {
      name: String(manager),
      operation,
      subresource: String(subresource),
      apiVersion: String(apiVersion),
      fields: fromFieldsV1(fieldsV1 as FieldsV1),
      ...(time ? { time: String(time) } : {}),
    };
  });

/** True when one of them says no more than the other, whenever its managers wrote it. */
export const sameButTimes = (a: KubeObject, b: KubeObject): boolean => equal(withoutTimes(a), withoutTimes(b));

const withoutTimes = (object: KubeObject): KubeObject => {
  const { managedFields = [], ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, managedFields: managedFields.map(({ time: _, ...entry }) => entry) } };
};

/** The object with these managers; those without fields are left out, as is a list of none. */
export function withManagers(object: KubeObject, managers: readonly Manager[]): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  const entries = managers.filter(({ fields }) => !isEmpty(fields)).map(entryOf);
  return {
    ...object,
    metadata: (entries.length > 0 ? { ...metadata, managedFields: entries } : metadata) as KubeObject['metadata'],
  };
}

const entryOf = ({ name, operation, subresource, apiVersion, time, fields }: Manager): Entry => ({
  ...(name ? { manager: name } : {}),
  operation,
  apiVersion,
  ...(time ? { time } : {}),
  fieldsType: 'FieldsV1',
  fieldsV1: toFieldsV1(fields),
  ...(subresource ? { subresource } : {}),
});
