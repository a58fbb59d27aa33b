import { expect, test } from 'vitest';
import { fieldErrorMessage } from '../field-error.ts';
import { dns1123Label } from '../names.ts';
import type { ObjectMeta } from '../types.ts';
import { validateMetadata, validateMetadataUpdate } from './metadata.ts';

const LABEL =
  "must be a DNS label: lower-case letters, digits or '-', with a letter or digit at both ends (e.g. 'my-name' or '123-abc')";
const OLD: ObjectMeta = {
  name: 'a',
  namespace: 'default',
  uid: 'u',
  creationTimestamp: '2026-01-01T00:00:00Z',
  generation: 2,
};

test.each<[string, ObjectMeta, string[]]>([
  ['fine', { labels: { a: '' }, annotations: { 'A.com/b': 'x' }, finalizers: ['kubernetes', 'example.com/f'] }, []],
  ['no name', { name: '' }, ['metadata.name: Required value: name or generateName is required']],
  ['a bad name', { name: 'A' }, [`metadata.name: Invalid value: "A": ${LABEL}`]],
  ['a bad generateName', { generateName: 'A-' }, [`metadata.generateName: Invalid value: "A-": ${LABEL}`]],
  ['no namespace', { namespace: undefined }, ['metadata.namespace: Required value']],
  ['a bad namespace', { namespace: 'A' }, [`metadata.namespace: Invalid value: "A": ${LABEL}`]],
  [
    'bad labels',
    { labels: { '/': 'x', a: '-' } },
    [
      'metadata.labels: Invalid value: "/": the prefix before \'/\' must not be empty',
      'metadata.labels: Invalid value: "/": the name must not be empty',
      "metadata.labels: Invalid value: \"-\": a label's value must be empty, or letters, digits, '-', '_' or '.' with a letter or digit at both ends (e.g. 'MyValue' or '12345')",
    ],
  ],
  [
    'a bad annotation',
    { annotations: { '': 'x' } },
    ['metadata.annotations: Invalid value: "": the name must not be empty'],
  ],
  [
    'annotations that are too long',
    { annotations: { a: 'ü'.repeat(128 * 1024) } },
    ['metadata.annotations: Too long: may not be more than 262144 bytes'],
  ],
  [
    'an incomplete owner',
    { ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '' }] },
    [
      'metadata.ownerReferences.apiVersion: Invalid value: "": must have a version',
      'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
      'metadata.ownerReferences.name: Invalid value: "": must not be empty',
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
    ],
  ],
  [
    'owners without a version',
    {
      ownerReferences: ['apps/v1', 'apps/', '/', 'apps/v1/x'].map((apiVersion) => ({
        apiVersion,
        kind: 'X',
        name: 'n',
        uid: 'u',
      })),
    },
    ['apps/', '/', 'apps/v1/x'].map(
      (given) => `metadata.ownerReferences.apiVersion: Invalid value: "${given}": must have a version`,
    ),
  ],
  [
    'an event as owner, and two controllers',
    {
      ownerReferences: [
        { apiVersion: 'v1', kind: 'Event', name: 'e', uid: '1', controller: true },
        { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: '2', controller: true },
      ],
    },
    [
      'metadata.ownerReferences: Invalid value: "v1, Kind=Event": an Event cannot be an owner',
      'metadata.ownerReferences: Invalid value: ["Event/e","Pod/p"]: only one reference can have controller set to true',
    ],
  ],
  [
    'finalizers',
    { finalizers: ['orphan', 'foregroundDeletion', 'mine'] },
    [
      'metadata.finalizers: Invalid value: "mine": must be a standard finalizer or have a domain as prefix (e.g. example.com/cleanup)',
      'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion","mine"]: orphan and foregroundDeletion cannot both be set',
    ],
  ],
])('%s', (_, change, expected) => {
  const errors = validateMetadata({ ...OLD, ...change }, { namespaced: true, nameRule: dns1123Label });
  expect(errors.map(fieldErrorMessage)).toEqual(expected);
});

test('cluster scope', () => {
  const errors = validateMetadata(OLD, { namespaced: false, nameRule: dns1123Label });
  expect(errors.map(fieldErrorMessage)).toEqual(['metadata.namespace: Forbidden: not allowed on this type']);
});

test.each<[string, ObjectMeta, ObjectMeta, string[]]>([
  ['labels and annotations are free', { labels: { a: 'b' }, annotations: { c: 'd' }, generation: 3 }, {}, []],
  [
    'identity is not',
    { name: 'b', uid: 'v', creationTimestamp: undefined },
    {},
    [
      'metadata.name: Invalid value: "b": field is immutable',
      'metadata.uid: Invalid value: "v": field is immutable',
      'metadata.creationTimestamp: Invalid value: null: field is immutable',
    ],
  ],
  ['generation', { generation: 1 }, {}, ['metadata.generation: Invalid value: 1: must not be decremented']],
  ['finalizers may go', { finalizers: [] }, { finalizers: ['a/b'], deletionTimestamp: undefined }, []],
  [
    'finalizers may not come while it is deleted',
    { finalizers: ['a/b'], deletionTimestamp: OLD.creationTimestamp },
    { deletionTimestamp: OLD.creationTimestamp },
    ['metadata.finalizers: Forbidden: the object is being deleted, no finalizers can be added: a/b'],
  ],
  [
    'the deletion',
    { deletionTimestamp: OLD.creationTimestamp, deletionGracePeriodSeconds: 3 },
    {},
    [
      'metadata.deletionTimestamp: Invalid value: "2026-01-01T00:00:00Z": field is immutable',
      'metadata.deletionGracePeriodSeconds: Invalid value: 3: field is immutable',
    ],
  ],
])('update: %s', (_, next, old, expected) => {
  expect(validateMetadataUpdate({ ...OLD, ...next }, { ...OLD, ...old }).map(fieldErrorMessage)).toEqual(expected);
});
