import { expect, test } from 'vitest';
import { accepted } from './accept.ts';

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

test.each([
  [null, { format: 'json' }],
  ['*/*', { format: 'json' }],
  ['application/yaml', { format: 'yaml' }],
  ['application/vnd.kubernetes.protobuf, application/json', { format: 'json' }],
  ['application/json;stream=watch', { format: 'json' }],
  [`${table},application/json`, { format: 'json', as: 'Table', version: 'v1' }],
  ['application/json; as=Table; v=v1beta1; g=meta.k8s.io', { format: 'json', as: 'Table', version: 'v1beta1' }],
  ['application/json;as=Table;v=v2;g=meta.k8s.io,application/json', { format: 'json' }],
  ['application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/yaml', { format: 'yaml' }],
])('%s', (header, expected) => {
  expect(accepted(header, ['Table'])).toEqual(expected);
});

test.each(['text/html', 'application/vnd.kubernetes.protobuf', 'application/json;as=Nothing;v=v1;g=meta.k8s.io'])(
  '%s cannot be served',
  (header) => {
    expect(() => accepted(header, ['Table'])).toThrow(`cannot answer with ${header}: ask for application/json`);
  },
);
