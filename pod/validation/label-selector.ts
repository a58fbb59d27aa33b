import type { V1LabelSelector } from '@kubernetes/client-node/dist/gen/models/V1LabelSelector.d.ts';
import { type FieldError, forbidden, invalid, required } from '../field-error.ts';
import { labelValue, qualifiedName } from '../names.ts';
import type { Json } from '../types.ts';
import { each, follows } from './check.ts';
import { validateLabels } from './metadata.ts';

export type LabelSelectorObject = Json<V1LabelSelector>;
type Expression = { key: string; operator: string; values?: string[] };

/** A selector of labels as an object. */
export const validateLabelSelector = (selector: LabelSelectorObject | undefined, path: string): FieldError[] => [
  ...validateLabels(selector?.matchLabels, `${path}.matchLabels`),
  ...each(selector?.matchExpressions, `${path}.matchExpressions`, validateExpression),
];

/** One expression over a label: its operator decides on its values. */
function validateExpression({ key, operator, values = [] }: Expression, path: string): FieldError[] {
  return [
    ...validateOperator(operator, values, path, ['In', 'NotIn', 'Exists', 'DoesNotExist']),
    ...follows(qualifiedName, `${path}.key`, key ?? ''),
    ...each(values, `${path}.values`, (value, at) => follows(labelValue, at, value)),
  ];
}

/** That the operator exists and has as many values as it takes. */
export function validateOperator(operator: string, values: string[], path: string, known: string[]): FieldError[] {
  if (!known.includes(operator)) {
    return [invalid(`${path}.operator`, operator, `must be one of ${known.join(', ')}`)];
  }
  const at = `${path}.values`;
  switch (operator) {
    case 'Exists':
    case 'DoesNotExist':
      return values.length > 0
        ? [forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
        : [];
    case 'Gt':
    case 'Lt':
      return values.length === 1 ? [] : [required(at, "must be a single value when `operator` is 'Lt' or 'Gt'")];
    default:
      return values.length > 0 ? [] : [required(at, "must be specified when `operator` is 'In' or 'NotIn'")];
  }
}
