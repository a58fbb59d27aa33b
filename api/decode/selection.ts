/** Which objects a list or watch is about. */
import { matchesFields, parseFieldSelector, selectableFields } from '../../pod/field-selectors.ts';
import { matchesLabels, parseLabelSelector, SelectorError } from '../../pod/selectors.ts';
import type { StoredObject } from '../../store/port.ts';
import { badRequest, type Named } from '../errors.ts';

export interface Selection {
  /** True when every object is selected. */
  all: boolean;
  matches(object: StoredObject): boolean;
}

/** Reads `labelSelector` and `fieldSelector`. Throws 400 saying what to write. */
export function selection(query: URLSearchParams, { plural, group }: Pick<Named, 'plural' | 'group'>): Selection {
  // One stored object may be selected by other fields under each of its groups.
  const served = group ? `${plural}.${group}` : plural;
  try {
    const labels = parseLabelSelector(query.get('labelSelector') ?? '');
    const fields = parseFieldSelector(query.get('fieldSelector') ?? '', served);
    return {
      all: labels.length + fields.length === 0,
      matches: (object) =>
        matchesLabels(labels, object.metadata.labels) &&
        (fields.length === 0 || matchesFields(fields, selectableFields(served, object))),
    };
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}
