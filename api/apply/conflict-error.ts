/** The refusal of a configuration that wants fields of others. */
import { ApiError } from '../errors.ts';
import { paths } from './field-set.ts';
import type { Manager } from './managers.ts';
import type { FieldConflict } from './plan.ts';

/** 409, with a cause for each field (kubectl shows them and says what can be done). */
export function applyConflict(conflicts: readonly FieldConflict[]): ApiError {
  const causes = conflicts.flatMap(({ manager, fields }) =>
    paths(fields).map((field) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${spelled(manager)}`,
      field,
    })),
  );
  const parts = conflicts.map(({ manager, fields }) => {
    const all = paths(fields);
    return all.length === 1
      ? `conflict with ${spelled(manager)}: ${all[0]}`
      : `conflicts with ${spelled(manager)}:\n${all.map((field) => `- ${field}`).join('\n')}`;
  });
  const count = `${causes.length} conflict${causes.length === 1 ? '' : 's'}`;
  return new ApiError(409, 'Conflict', `Apply failed with ${count}: ${parts.join('\n')}`, { causes });
}

function spelled({ name, subresource, operation, apiVersion, time }: Manager): string {
  const who = `"${name}"${subresource ? ` with subresource "${subresource}"` : ''}`;
  if (operation === 'Apply') return who;
  return `${who} using ${apiVersion}${time ? ` at ${time}` : ''}`;
}
