/** The metadata that all kinds of objects share. */
import { type FieldError, forbidden, invalid, required, tooLong } from '../field-error.ts';
import { dns1123Label, generated, labelValue, type NameRule, qualifiedName } from '../names.ts';
import type { ObjectMeta } from '../types.ts';
import { follows, notNegative, sameJson } from './check.ts';

const MAX_ANNOTATIONS = 256 * 1024;
const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];

export interface MetadataRules {
  namespaced: boolean;
  /** What a name of this kind must look like. */
  nameRule: NameRule;
}

/** Metadata on creation, after a name has been generated and the namespace filled in. */
export function validateMetadata(meta: ObjectMeta, { namespaced, nameRule }: MetadataRules): FieldError[] {
  return [
    ...follows(generated(nameRule), 'metadata.generateName', meta.generateName || undefined),
    ...(meta.name
      ? follows(nameRule, 'metadata.name', meta.name)
      : [required('metadata.name', 'name or generateName is required')]),
    ...namespace(meta.namespace, namespaced),
    ...notNegative('metadata.generation', meta.generation),
    ...common(meta),
  ];
}

/** What may not change, and the rules for what may. `next` has what the API server fills in (uid, timestamps). */
export function validateMetadataUpdate(next: ObjectMeta, old: ObjectMeta): FieldError[] {
  const added = (next.finalizers ?? []).filter((name) => !old.finalizers?.includes(name));
  const fixed = [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ] as const;
  return [
    ...(old.deletionTimestamp && added.length > 0
      ? [
          forbidden(
            'metadata.finalizers',
            `the object is being deleted, no finalizers can be added: ${added.join(', ')}`,
          ),
        ]
      : []),
    ...((next.generation ?? 0) < (old.generation ?? 0)
      ? [invalid('metadata.generation', next.generation ?? 0, 'must not be decremented')]
      : []),
    ...fixed.flatMap((name) =>
      sameJson(next[name], old[name]) ? [] : [invalid(`metadata.${name}`, next[name], 'field is immutable')],
    ),
    ...common(next),
  ];
}

function namespace(value: string | undefined, namespaced: boolean): FieldError[] {
  if (namespaced) {
    return value ? follows(dns1123Label, 'metadata.namespace', value) : [required('metadata.namespace')];
  }
  return value ? [forbidden('metadata.namespace', 'not allowed on this type')] : [];
}

const common = (meta: ObjectMeta): FieldError[] => [
  ...validateTags(meta),
  ...ownerReferences(meta.ownerReferences),
  ...finalizers(meta.finalizers),
];

/** Labels and annotations, of which a template has no other metadata. */
export const validateTags = (meta: ObjectMeta): FieldError[] => [
  ...validateLabels(meta.labels, 'metadata.labels'),
  ...annotations(meta.annotations),
];

/** Keys and values of labels. */
export const validateLabels = (labels: Record<string, string> | undefined | null, path: string): FieldError[] =>
  Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...follows(qualifiedName, path, key),
    ...follows(labelValue, path, value),
  ]);

function annotations(values: Record<string, string> = {}): FieldError[] {
  const path = 'metadata.annotations';
  const entries = Object.entries(values);
  const bytes = entries.reduce((sum, [key, value]) => sum + utf8Length(key) + utf8Length(value), 0);
  return [
    ...entries.flatMap(([key]) => qualifiedName(key.toLowerCase()).map((message) => invalid(path, key, message))),
    ...(bytes > MAX_ANNOTATIONS ? [tooLong(path, MAX_ANNOTATIONS)] : []),
  ];
}

const utf8Length = (text: string): number => new TextEncoder().encode(text).length;

/** What is wrong with one of them is said of all, as upstream does. */
function ownerReferences(references: ObjectMeta['ownerReferences']): FieldError[] {
  const path = 'metadata.ownerReferences';
  const controllers = (references ?? []).filter((r) => r.controller);
  return [
    ...(references ?? []).flatMap((reference) => [
      ...(hasVersion(reference.apiVersion ?? '')
        ? []
        : [invalid(`${path}.apiVersion`, reference.apiVersion ?? '', 'must have a version')]),
      ...(['kind', 'name', 'uid'] as const).flatMap((name) =>
        reference[name] ? [] : [invalid(`${path}.${name}`, reference[name] ?? '', 'must not be empty')],
      ),
      ...(reference.apiVersion === 'v1' && reference.kind === 'Event'
        ? [invalid(path, 'v1, Kind=Event', 'an Event cannot be an owner')]
        : []),
    ]),
    ...controllers.slice(1).map(() =>
      invalid(
        path,
        controllers.map((c) => `${c.kind}/${c.name}`),
        'only one reference can have controller set to true',
      ),
    ),
  ];
}

/** `version` or `group/version`; upstream takes an empty group, too. */
const hasVersion = (apiVersion: string): boolean => /^([^/]*\/)?[^/]+$/.test(apiVersion);

function finalizers(names: string[] = []): FieldError[] {
  const path = 'metadata.finalizers';
  return [
    ...names.flatMap((name) => validateFinalizer(name, path)),
    ...(names.includes('orphan') && names.includes('foregroundDeletion')
      ? [invalid(path, names, 'orphan and foregroundDeletion cannot both be set')]
      : []),
  ];
}

/** The name of what holds an object that is being deleted. */
export const validateFinalizer = (name: string, path: string): FieldError[] => [
  ...follows(qualifiedName, path, name),
  ...(name.includes('/') || STANDARD_FINALIZERS.includes(name)
    ? []
    : [invalid(path, name, 'must be a standard finalizer or have a domain as prefix (e.g. example.com/cleanup)')]),
];
