import { expect, test } from 'vitest';
import { matchesFields, parseFieldSelector, selectableFields } from './field-selectors.ts';
import { SelectorError } from './selectors.ts';
import type { KubeObject } from './types.ts';

const pod: KubeObject = {
  metadata: { name: 'a', namespace: 'default' },
  spec: { nodeName: 'n1', restartPolicy: 'Always' },
  status: { phase: 'Running', podIPs: [{ ip: '10.0.0.1' }] },
};

test.each([
  ['', true],
  ['metadata.name=a', true],
  ['metadata.name==a,metadata.namespace=default', true],
  ['status.phase!=Running', false],
  ['spec.nodeName=', false],
  ['status.nominatedNodeName=', true],
  ['status.podIP=10.0.0.1', true],
  ['spec.hostNetwork=false', true],
  ['metadata.name=a\\,b', false],
])('%j: %s', (text, matches) => {
  expect(matchesFields(parseFieldSelector(text, 'pods'), selectableFields('pods', pod))).toBe(matches);
});

test('escapes', () => {
  expect(parseFieldSelector('metadata.name=a\\,b\\=c\\\\', 'pods')).toEqual([
    { field: 'metadata.name', equal: true, value: 'a,b=c\\' },
  ]);
});

test.each([
  [
    'spec.image=x',
    'field label not supported: "spec.image"; configmaps can be selected by metadata.name, metadata.namespace',
  ],
  [
    'metadata.name',
    'field selector "metadata.name": write field=value, field==value or field!=value, separated by \',\'',
  ],
  [
    'metadata.name=a=b',
    'field selector "metadata.name=a=b": write field=value, field==value or field!=value, separated by \',\'',
  ],
])('refuses %j', (text, message) => {
  expect(() => parseFieldSelector(text, 'configmaps')).toThrow(new SelectorError(message));
});

test.each<[string, KubeObject, string, string]>([
  ['events', { metadata: {}, involvedObject: { name: 'a' } }, 'involvedObject.name', 'a'],
  ['events', { metadata: {}, reportingComponent: 'r' }, 'source', 'r'],
  ['events.events.k8s.io', { metadata: {}, involvedObject: { uid: 'u' } }, 'regarding.uid', 'u'],
  ['events.events.k8s.io', { metadata: {}, reportingComponent: 'r' }, 'reportingController', 'r'],
  ['namespaces', { metadata: {}, status: { phase: 'Active' } }, 'status.phase', 'Active'],
  ['nodes', { metadata: {}, spec: { unschedulable: true } }, 'spec.unschedulable', 'true'],
  ['secrets', { metadata: {}, type: 'Opaque' }, 'type', 'Opaque'],
  ['services', { metadata: {}, spec: { type: 'ClusterIP' } }, 'spec.type', 'ClusterIP'],
])('%s %j: %s', (resource, object, field, value) => {
  expect(selectableFields(resource, object).get(field)).toBe(value);
});
