/** The options of a write in its query. Those that there are not are refused together, as upstream does. */
import {
  type FieldError,
  forbidden,
  invalid as invalidField,
  notSupported,
  required,
  tooLong,
} from '../../pod/field-error.ts';
import { invalid } from '../errors.ts';
import { mediaType } from './body.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

const kinds: Record<string, string> = { POST: 'CreateOptions', PUT: 'UpdateOptions', PATCH: 'PatchOptions' };
const validations: readonly FieldValidation[] = ['Ignore', 'Strict', 'Warn'];
const maxManager = 128;

/** The content type of an apply configuration; JSON is YAML. */
export const APPLY = 'application/apply-patch+yaml';

/** Throws 422 for options that there are not. Those of a deletion stand in its body, too (`delete-options.ts`). */
export function checkWriteOptions({ method, headers }: Request, query: URLSearchParams): void {
  const kind = kinds[method];
  if (!kind) return;
  const isApply = method === 'PATCH' && mediaType(headers.get('content-type')) === APPLY;
  const validation = query.get('fieldValidation') ?? '';
  refuse(kind, [
    ...(method === 'PATCH' ? patchErrors(query, isApply) : []),
    ...managerErrors(query.get('fieldManager') ?? ''),
    ...dryRunErrors(query.getAll('dryRun')),
    ...(['', ...validations].includes(validation)
      ? []
      : [notSupported('fieldValidation', validation, ['', ...validations])]),
  ]);
}

/** Throws 422 when there are errors. */
export function refuse(kind: string, errors: FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors);
}

function patchErrors(query: URLSearchParams, isApply: boolean): FieldError[] {
  if (isApply) return query.get('fieldManager') ? [] : [required('fieldManager', 'is required for apply patch')];
  return query.has('force') ? [forbidden('force', 'may not be specified for non-apply patch')] : [];
}

function managerErrors(name: string): FieldError[] {
  if (bytes(name) > maxManager) return [tooLong('fieldManager', maxManager)];
  return [...name.matchAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu)].map(({ 0: character, index }) => {
    const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    const detail = `invalid character U+${code} (at position ${bytes(name.slice(0, index))})`;
    return invalidField('fieldManager', name, detail);
  });
}

const bytes = (text: string): number => new TextEncoder().encode(text).byteLength;

/** `All` is the only value there is. */
export const dryRunErrors = (values: readonly string[]): FieldError[] =>
  values.every((value) => value === 'All') ? [] : [notSupported('dryRun', values, ['All'])];

/** What to do with unknown and duplicate fields; a plain request is warned, as upstream does. */
export const fieldValidation = (query: URLSearchParams): FieldValidation =>
  validations.find((known) => known === query.get('fieldValidation')) ?? 'Warn';
