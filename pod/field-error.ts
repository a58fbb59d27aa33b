/** What is wrong with one field of an object: the unit that validation returns and that a 422 answer lists as causes. */

export type FieldErrorType =
  | 'Required'
  | 'Invalid'
  | 'NotSupported'
  | 'Forbidden'
  | 'Duplicate'
  | 'TooLong'
  | 'TooMany'
  | 'NotFound';

export interface FieldError {
  type: FieldErrorType;
  /** The field's path, e.g. `spec.containers[0].image`. */
  field: string;
  /** The offending value, where showing it helps. */
  value?: unknown;
  /** What would be right; may be empty. */
  detail: string;
}

/** The field must be given. */
export const required = (field: string, detail = ''): FieldError => ({ type: 'Required', field, detail });

/** The value is malformed or out of range. */
export const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: 'Invalid',
  field,
  value,
  detail,
});

/** The value is not one of those the field takes. */
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  type: 'NotSupported',
  field,
  value,
  detail: `supported values: ${supported.map((v) => JSON.stringify(v)).join(', ')}`,
});

/** A well-formed value that may not be given here. */
export const forbidden = (field: string, detail: string): FieldError => ({ type: 'Forbidden', field, detail });

/** The value must be unique and is not. */
export const duplicate = (field: string, value: unknown): FieldError => ({
  type: 'Duplicate',
  field,
  value,
  detail: '',
});

/** The value has more than `max` bytes; it is not shown. */
export const tooLong = (field: string, max: number): FieldError => ({
  type: 'TooLong',
  field,
  detail: `may not be more than ${max} bytes`,
});

/** The list has more than `max` items. */
export const tooMany = (field: string, actual: number, max: number): FieldError => ({
  type: 'TooMany',
  field,
  value: actual,
  detail: `must have at most ${max} items`,
});

/** The value refers to what does not exist. */
export const notFound = (field: string, value: unknown): FieldError => ({ type: 'NotFound', field, value, detail: '' });

const words: Record<FieldErrorType, { text: string; reason: string; showsValue: boolean }> = {
  Required: { text: 'Required value', reason: 'FieldValueRequired', showsValue: false },
  Invalid: { text: 'Invalid value', reason: 'FieldValueInvalid', showsValue: true },
  NotSupported: { text: 'Unsupported value', reason: 'FieldValueNotSupported', showsValue: true },
  Forbidden: { text: 'Forbidden', reason: 'FieldValueForbidden', showsValue: false },
  Duplicate: { text: 'Duplicate value', reason: 'FieldValueDuplicate', showsValue: true },
  TooLong: { text: 'Too long', reason: 'FieldValueTooLong', showsValue: false },
  TooMany: { text: 'Too many', reason: 'FieldValueTooMany', showsValue: true },
  NotFound: { text: 'Not found', reason: 'FieldValueNotFound', showsValue: true },
};

/** The error without its field, as a cause's message: `Invalid value: "x": detail`. */
export function fieldErrorBody(error: FieldError): string {
  const { text, showsValue } = words[error.type];
  const value = showsValue ? [JSON.stringify(error.value) ?? 'null'] : [];
  return [text, ...value, ...(error.detail ? [error.detail] : [])].join(': ');
}

/** The whole error in one line, in the API's format: `spec.x: Invalid value: "v": detail`. */
export const fieldErrorMessage = (error: FieldError): string => `${error.field}: ${fieldErrorBody(error)}`;

/** The machine-readable reason of a cause (`FieldValueRequired`, ...). */
export const fieldErrorReason = (error: FieldError): string => words[error.type].reason;
