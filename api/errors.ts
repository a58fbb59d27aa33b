/** Errors as the Kubernetes API answers them: one class, one constructor a reason, one conversion to a Status. */
import { type FieldError, fieldErrorBody, fieldErrorMessage, fieldErrorReason } from '../pod/field-error.ts';

/** One of several reasons of a failure, for a program to read. */
export interface StatusCause {
  reason: string;
  message: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** The answer to a request that failed, or that has nothing else to show. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, unknown>;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code: number;
}

/** What an error is about: enough of a registered resource to name it. */
export interface Named {
  group: string;
  plural: string;
  kind: string;
}

/** A failure with its HTTP code and the reason clients switch on. Its message is shown to the client. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly reason: string;
  readonly details?: StatusDetails;
  /** Of the list that failed. */
  readonly metadata: { continue?: string } = {};

  constructor(code: number, reason: string, message: string, details?: StatusDetails, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

const qualified = (name: string, group: string): string => (group ? `${name}.${group}` : name);
const about = ({ group, plural }: Named, name?: string): StatusDetails => ({
  ...(name ? { name } : {}),
  ...(group ? { group } : {}),
  kind: plural,
});
const title = (of: Named, name: string): string => `${qualified(of.plural, of.group)} "${name}"`;

/** 400: the request cannot be read. */
export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message);

/** 401: who is asking is not known. */
export const unauthorized = (): ApiError => new ApiError(401, 'Unauthorized', 'Unauthorized');

/** 403: known, well-formed, and not allowed in the present state. */
export const forbidden = (of: Named, name: string, why: string, causes?: StatusCause[]): ApiError =>
  new ApiError(403, 'Forbidden', `${title(of, name)} is forbidden: ${why}`, {
    ...about(of, name),
    ...(causes ? { causes } : {}),
  });

/** 404: no object of that name. */
export const notFound = (of: Named, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${title(of, name)} not found`, about(of, name));

/** 404: nothing is served under this path. */
export const noSuchPath = (path: string): ApiError =>
  new ApiError(404, 'NotFound', `the server could not find the requested resource: nothing is served at ${path}`);

/** 405: the resource exists, this verb does not. */
export const methodNotAllowed = (of: Named, action: string, hint = ''): ApiError =>
  new ApiError(
    405,
    'MethodNotAllowed',
    `${action} is not supported on resources of kind "${qualified(of.plural, of.group)}"${hint && `: ${hint}`}`,
    about(of),
  );

/** 406: none of the formats the client accepts is written here. */
export const notAcceptable = (accept: string): ApiError =>
  new ApiError(
    406,
    'NotAcceptable',
    `cannot answer with ${accept || 'an empty Accept header'}: ask for application/json or application/yaml`,
  );

/** 409: the name is taken. */
export const alreadyExists = (of: Named, name: string): ApiError =>
  new ApiError(409, 'AlreadyExists', `${title(of, name)} already exists`, about(of, name));

/** 409: somebody else's write came between, or a precondition does not hold. */
export const conflict = (
  of: Named,
  name: string,
  why = 'the object has been modified; please apply your changes to the latest version and try again',
): ApiError =>
  new ApiError(409, 'Conflict', `Operation cannot be fulfilled on ${title(of, name)}: ${why}`, about(of, name));

/** 410: history of that age has been compacted away; list again, or go on with the list as it is now by `token`. */
export const expired = (message: string, token?: string): ApiError =>
  Object.assign(new ApiError(410, 'Expired', message), token ? { metadata: { continue: token } } : {});

/** 413: the body has more than `limit` bytes. */
export const tooLarge = (limit: number): ApiError =>
  new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit} bytes`);

/** 415: the body is in a format that is not read here. */
export const unsupportedMediaType = (message: string): ApiError => new ApiError(415, 'UnsupportedMediaType', message);

/** 422: the object was read and is wrong; every wrong field is listed as a cause. */
export function invalid(of: { group: string; kind: string }, name: string, errors: FieldError[]): ApiError {
  const messages = [...new Set(errors.map(fieldErrorMessage))];
  const text = messages.length === 1 ? messages[0] : `[${messages.join(', ')}]`;
  return new ApiError(422, 'Invalid', `${qualified(of.kind, of.group)} "${name}" is invalid: ${text}`, {
    ...(name ? { name } : {}),
    ...(of.group ? { group: of.group } : {}),
    kind: of.kind,
    causes: errors.map((error) => ({
      reason: fieldErrorReason(error),
      message: fieldErrorBody(error),
      field: error.field,
    })),
  });
}

/** 500: upstream answers so as well, and with these words. */
export const internalError = (message: string): ApiError =>
  new ApiError(500, 'InternalError', `Internal error occurred: ${message}`);

/** 503: what the request needs is away for now; try again after `retryAfterSeconds`. */
export const unavailable = (message: string, retryAfterSeconds = 1): ApiError =>
  new ApiError(503, 'ServiceUnavailable', message, { retryAfterSeconds });

/** 504: the revision asked for has not been reached. */
export const futureRevision = (asked: number, current: number): ApiError =>
  new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });

/** The Status of a failed request. What is not an ApiError becomes a 500 that tells nothing of our insides. */
export function failureStatus(error: unknown): Status {
  const known =
    error instanceof ApiError
      ? error
      : new ApiError(500, 'InternalError', 'Internal error occurred: see the log of the durapod API for the reason');
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: known.metadata,
    status: 'Failure',
    message: known.message,
    reason: known.reason,
    ...(known.details ? { details: known.details } : {}),
    code: known.code,
  };
}

/** The Status of a request that succeeded and has no object to show. */
export const successStatus = (details?: StatusDetails, code = 200): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  ...(details ? { details } : {}),
  code,
});
