import { expect, test } from 'vitest';
import * as e from './field-error.ts';

test.each<[e.FieldError, string, string]>([
  [e.required('spec.a'), 'spec.a: Required value', 'FieldValueRequired'],
  [e.required('spec.a', 'say which'), 'spec.a: Required value: say which', 'FieldValueRequired'],
  [e.invalid('spec.a', 'x"y', 'bad'), 'spec.a: Invalid value: "x\\"y": bad', 'FieldValueInvalid'],
  [e.invalid('spec.a', 3, 'bad'), 'spec.a: Invalid value: 3: bad', 'FieldValueInvalid'],
  [e.invalid('spec.a', undefined, 'bad'), 'spec.a: Invalid value: null: bad', 'FieldValueInvalid'],
  [e.invalid('spec.a', { b: [1] }, 'bad'), 'spec.a: Invalid value: {"b":[1]}: bad', 'FieldValueInvalid'],
  [
    e.notSupported('spec.a', 'x', ['b', 'c']),
    'spec.a: Unsupported value: "x": supported values: "b", "c"',
    'FieldValueNotSupported',
  ],
  [e.forbidden('spec.a', 'not here'), 'spec.a: Forbidden: not here', 'FieldValueForbidden'],
  [e.duplicate('spec.a', 'x'), 'spec.a: Duplicate value: "x"', 'FieldValueDuplicate'],
  [e.tooLong('spec.a', 64), 'spec.a: Too long: may not be more than 64 bytes', 'FieldValueTooLong'],
  [e.tooMany('spec.a', 12, 10), 'spec.a: Too many: 12: must have at most 10 items', 'FieldValueTooMany'],
  [e.notFound('spec.a', 'x'), 'spec.a: Not found: "x"', 'FieldValueNotFound'],
])('%j', (error, message, reason) => {
  expect([e.fieldErrorMessage(error), e.fieldErrorReason(error)]).toEqual([message, reason]);
});
